// What both bindings do alike with a handler's operands: read those that are read, run the meaning, write what it gives.

import type { Place } from '../isa/sem.ts';
import { Sem, type V } from '../isa/sem.ts';
import type { Code } from '../wasm/code.ts';
import type { Handler, HandlerOperand } from './interp/handlers.ts';
import * as R from './record.ts';

const GP = 13;
type Meaning = (b: Sem, ...v: (V | undefined)[]) => V | readonly V[] | void;

export abstract class HandlerSem extends Sem {
  protected readonly places: (Place | undefined)[] = [];
  protected abstract readonly handler: Handler;
  constructor(c: Code) {
    super(c);
  }
  get size(): 8 | 16 | 32 | 64 {
    return this.handler.size;
  }
  get cc(): number {
    return this.handler.cc;
  }
  /** Address of the memory operand; `offset` as `operand` has it. */
  protected abstract address(offset?: V): V;
  /** The 64-bit immediate, which stands where the displacement does. */
  protected abstract wideImm(): V;
  /** A register operand: its offset in the state is in the record's `slot`, or known where the operand is fixed. */
  protected abstract readRegister(o: HandlerOperand, slot: number): V;
  protected abstract writeRegister(o: HandlerOperand, slot: number, v: V): void;

  #slot(i: number): number {
    const operands = this.handler.operands;
    for (let k = 0; k < i; k++) if (isRegister(operands[k] as HandlerOperand)) return R.REC_S;
    return R.REC_D;
  }
  #read(o: HandlerOperand, i: number): V | undefined {
    switch (o.kind) {
      case 'r':
      case 'n':
      case 'x':
        return o.access === 'w' || o.access === 'a' ? undefined : this.readRegister(o, this.#slot(i));
      case 'i':
        return this.imm(o.w as 8 | 16 | 32 | 64);
      case 'i64':
        return this.lo(this.wideImm(), o.w as 8 | 16 | 32 | 64);
      case 'm': {
        const address = this.address();
        if (o.access === 'a') return address;
        if (o.w === 128 && !this.handler.unaligned) this.faultIf(this.and(this.lo(address, 32), this.k(32, 15)), GP);
        const p = this.place(address, o.w / 8, o.access === 'r' ? 'r' : 'w');
        this.places[i] = p;
        return o.access === 'w' ? undefined : this.loadAt(p, o.w);
      }
      default:
        return undefined;
    }
  }
  #write(o: HandlerOperand, i: number, v: V): void {
    if (v.w !== o.w) throw new Error(`${this.handler.op.name}: writes ${v.w} bits to an operand of ${o.w}`);
    if (o.kind === 'm') this.storeAt(this.places[i] as Place, v);
    else this.writeRegister(o, this.#slot(i), v);
  }
  operand(i: number): ReturnType<Sem['operand']> {
    const o = this.handler.operands[i] as HandlerOperand;
    return {
      mem: o.kind === 'm',
      address: (offset) => this.address(offset),
      get: () => this.readRegister(o, this.#slot(i)),
      set: (v) => this.#write(o, i, v),
      setLow: (v) => {
        const wide: HandlerOperand = { ...o, w: 64 };
        const low = this.k(64, (1n << BigInt(v.w)) - 1n);
        const rest = this.and(this.readRegister(wide, this.#slot(i)), this.not(low));
        this.writeRegister(wide, this.#slot(i), this.or(rest, this.zx(v, 64)));
      },
    };
  }
  /** The whole handler but the step to the next record. */
  emit(): void {
    const { operands } = this.handler;
    const values = operands.map((o, i) => this.#read(o, i));
    const result = (this.handler.op.sem as Meaning)(this, ...values);
    if (!result) return;
    const list = Array.isArray(result) ? (result as readonly V[]) : [result as V];
    const written = operands.map((o, i) => (o.access === 'w' || o.access === 'rw' ? i : -1)).filter((i) => i >= 0);
    // The first operand last: where both are one register, that is what stays (xadd).
    for (let k = written.length - 1; k >= 0; k--) {
      const v = list[k];
      const i = written[k] as number;
      if (v) this.#write(operands[i] as HandlerOperand, i, v);
    }
  }
}

function isRegister(o: HandlerOperand): boolean {
  return (o.kind === 'r' || o.kind === 'x' || o.kind === 'n') && o.fixed === undefined;
}
