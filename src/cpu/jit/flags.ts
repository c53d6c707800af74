// The compiler's flags: an operation's operands are kept, and a condition is the comparison it came from.
import { type Carry, type FlagStore, Flags, type Origin } from '../../isa/flags.ts';
import type { V } from '../../isa/sem.ts';
import type { CompilerSem } from './binding.ts';
import type { LazyKind } from './lazy.ts';
import { type Lazy, stepping } from './state.ts';

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
    else if (l.kind === 'float') plain.setArithmetic(l.r);
    else if (l.kind === 'inc' || l.kind === 'dec') plain.step(l.r, l.d, l.kind === 'inc' ? 1 : -1);
    else if (l.carry) plain.result(l.r, l.carry);
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
  override result(r: V, carry: () => Carry, origin?: Origin): void {
    if (origin) this.#b.setFlags({ lazy: { ...origin, r, carry } });
    else super.result(r, carry);
  }
  override resultUnless(count: V, r: V, carry: () => Carry, origin?: Origin): void {
    const b = this.#b;
    if (count.n.value !== undefined || !origin) return super.resultUnless(count, r, carry, origin);
    b.resolveFlags();
    const { flags, dirtyFlags } = b.now;
    b.setFlags({ lazy: { ...origin, r, carry }, unless: { count: count.n, before: dirtyFlags ? flags : undefined } });
  }
  override step(r: V, d: V, by: 1 | -1): void {
    const b = this.#b;
    b.resolveFlags();
    const lazy: Lazy = { kind: by > 0 ? 'inc' : 'dec', d, s: d, r };
    const { flags } = b.now;
    b.setFlags(!flags || stepping(flags) ? { lazy } : { lazy, cf: this.cf.n });
  }
  override comparison(flags: V, d: V, s: V): void {
    // Where the operands weren't found to be in order the word is all there is.
    if (this.#b.ordered) this.#b.setFlags({ lazy: { kind: 'float', d, s, r: flags } });
    else super.comparison(flags, d, s);
  }
  /** Of a comparison of numbers in order. */
  #order(which: number, negated: boolean, d: V, s: V): V {
    const b = this.#b;
    const p = d.w === 64 ? 'f64' : 'f32';
    const [x, y] = d.w === 64 ? [b.f64(d), b.f64(s)] : [b.f32(d), b.f32(s)];
    const truth = (op: 'lt' | 'ge' | 'eq' | 'ne' | 'le' | 'gt'): V => ({ n: b.c.op(`${p}.${op}`, x, y), w: 1 });
    if (which === 1) return truth(negated ? 'ge' : 'lt');
    if (which === 2 || which === 7) return truth(negated ? 'ne' : 'eq');
    if (which === 3) return truth(negated ? 'gt' : 'le');
    return b.k(1, negated ? 1 : 0);
  }
  override condition(cc: number): V {
    const b = this.#b;
    const f = b.now.flags;
    const lazy = f?.lazy;
    if (!lazy || f.res || f.aux || f.unless) return super.condition(cc);
    const { d, s, r } = lazy;
    const which = cc >> 1;
    // What a later instruction gave by itself isn't the operation's any more.
    if ((f.cf && (which === 1 || which === 3)) || (f.of && (which === 0 || which > 5))) return super.condition(cc);
    if (lazy.kind === 'float') return this.#order(which, (cc & 1) !== 0, d, s);
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
      ][which]?.();
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
      ][which]?.();
    v ??= which === 2 ? b.isZero(r) : which === 4 ? b.lts(r, b.k(r.w, 0)) : undefined;
    if (!v) return super.condition(cc);
    return cc & 1 ? b.not(v) : v;
  }
}
