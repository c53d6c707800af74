// The compiler's flags: an operation's operands are kept, and a condition is the comparison it came from.
import { type FlagStore, Flags, type Origin } from '../../isa/flags.ts';
import type { V } from '../../isa/sem.ts';
import type { CompilerSem } from './binding.ts';
import type { LazyKind } from './lazy.ts';
import type { Lazy } from './state.ts';

export class JitFlags extends Flags {
  readonly #b: CompilerSem;
  constructor(b: CompilerSem, store: FlagStore) {
    super(b, store);
    this.#b = b;
  }
  #keep(kind: LazyKind, d: V, s: V, r: V): void {
    this.#b.setFlags({ lazy: { kind, d, s, r } });
  }
  /** The words of an operation that was kept, by what the definitions say, given to `set`. */
  words(l: Lazy, set: FlagStore['set']): void {
    const plain = new Flags(this.#b, { get: () => this.#b.k(32, 0).n, set });
    if (l.kind === 'add') plain.add(l.r, l.d, l.s);
    else if (l.kind === 'sub') plain.sub(l.r, l.d, l.s);
    else if (l.kind === 'logic') plain.logic(l.r);
    else plain.result(l.r, l.cf as V, l.of as V);
  }
  override add(r: V, d: V, s: V): void {
    this.#keep('add', d, s, r);
  }
  override sub(r: V, d: V, s: V): void {
    this.#keep('sub', d, s, r);
  }
  override logic(r: V): void {
    this.#keep('logic', r, r, r);
  }
  override result(r: V, cf: V, of: V, origin?: Origin): void {
    if (origin) this.#b.setFlags({ lazy: { ...origin, r, cf, of } });
    else super.result(r, cf, of);
  }
  override condition(cc: number): V {
    const b = this.#b;
    const f = b.now.flags;
    const lazy = f?.lazy;
    if (!lazy || f.cf || f.of || f.res || f.aux) return super.condition(cc);
    const { d, s, r } = lazy;
    let v: V | undefined;
    if (lazy.kind === 'sub')
      v = [
        undefined,
        () => b.ltu(d, s),
        () => b.eq(d, s),
        () => b.not(b.ltu(s, d)),
        undefined,
        undefined,
        () => b.lts(d, s),
        () => b.not(b.lts(s, d)),
      ][cc >> 1]?.();
    else if (lazy.kind === 'logic')
      v = [
        () => b.k(1, 0),
        () => b.k(1, 0),
        () => b.isZero(r),
        () => b.isZero(r),
        undefined,
        undefined,
        () => b.lts(r, b.k(r.w, 0)),
        () => b.not(b.lts(b.k(r.w, 0), r)),
      ][cc >> 1]?.();
    v ??= cc >> 1 === 2 ? b.isZero(r) : cc >> 1 === 4 ? b.lts(r, b.k(r.w, 0)) : undefined;
    if (!v) return super.condition(cc);
    return cc & 1 ? b.not(v) : v;
  }
}
