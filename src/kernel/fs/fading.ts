// A map that holds its values only as long as somebody else needs them, once told so: what was looked at lately stays, the rest may be collected.

export class FadingMap<K, V extends object> {
  readonly #entries = new Map<K, V | WeakRef<V>>();
  get size(): number {
    return this.#entries.size;
  }
  get(key: K): V | undefined {
    const e = this.#entries.get(key);
    if (!(e instanceof WeakRef)) return e;
    const value = e.deref();
    if (value) this.#entries.set(key, value);
    else this.#entries.delete(key);
    return value;
  }
  set(key: K, value: V): void {
    this.#entries.set(key, value);
  }
  delete(key: K): void {
    this.#entries.delete(key);
  }
  /** From now on values are held weakly, but for those to be kept; those gone already are forgotten. */
  fade(keep?: (value: V) => boolean): void {
    for (const [key, e] of this.#entries) {
      const value = e instanceof WeakRef ? e.deref() : e;
      if (!value) this.#entries.delete(key);
      else if (!keep?.(value)) this.#entries.set(key, e instanceof WeakRef ? e : new WeakRef(value));
      else this.#entries.set(key, value);
    }
  }
  /** Values held strongly. */
  *held(): Iterable<V> {
    for (const e of this.#entries.values()) if (!(e instanceof WeakRef)) yield e;
  }
}
