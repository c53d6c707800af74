// What code is built of: values (each made once) and statements are both nodes, the statements of a list linked one to the next.
import type { ValType } from './ops.ts';

/** How a node is written: see Writer. */
export const KIND = {
  /** A constant or parameter: written wherever it is used, part of no list. */
  constant: 0,
  /** Depends on its operands alone: may be written where it is used. */
  pure: 1,
  /** Read from memory: may move until something writes there. */
  load: 2,
  /** Read of a mutable local. */
  get: 3,
  /** A call that gives a value. */
  call: 4,
  /** Nothing but an operator with operands. */
  effect: 5,
  set: 6,
  block: 7,
  if: 8,
  branch: 9,
  return: 10,
  switch: 11,
  /** A place that is filled later. */
  hole: 12,
  /** Written before its turn came. */
  done: 13,
  /** Left for the end of the list that it stands for (an `else`). */
  list: 14,
} as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

/** A mutable local: guest registers, flags, counters. */
export class Var {
  readonly type: ValType;
  readonly local: number;
  /** Its place in the masks of what a list sets. */
  readonly bit: number;
  /** Reads that stand for the local itself as long as it isn't set: while written. */
  aliases: Node | undefined = undefined;
  known = false;
  constructor(type: ValType, local: number, bit: number) {
    this.type = type;
    this.local = local;
    this.bit = bit;
  }
}

export class Node {
  kind: Kind = KIND.constant;
  type: ValType = 'i32';
  /** The operator (ops.ts). */
  op = 0;
  /** Follows the operator as unsigned LEB128 unless it is -1; a memory access's offset. */
  imm = -1;
  a: Node | undefined = undefined;
  b: Node | undefined = undefined;
  c: Node | undefined = undefined;
  /** Operands of a call, labels of a switch. */
  list: readonly Node[] | undefined = undefined;
  /** Bytes that follow the operator: of constants, shuffles, indirect calls. */
  raw: ArrayLike<number> | undefined = undefined;
  /** Constant value, for folding; an i64's is a number where that is exact. */
  value: number | bigint | undefined = undefined;
  /** The mutable local that is read or set. */
  variable: Var | undefined = undefined;
  /** Equal to `base` + `offset` (an i64), where whoever made it knows. */
  base: Node | undefined = undefined;
  offset = 0;
  // Of a list: its statements; a block's, or those of a condition that holds.
  first: Node | undefined = undefined;
  last: Node | undefined = undefined;
  /** Mutable locals set in there, a bit each. */
  low = 0;
  high = 0;
  /** Control doesn't come out at its end. */
  ends = false;
  /** Of a conditional branch or `if`: whether the condition nearly always holds (true) or hardly ever (false). */
  hint: boolean | undefined = undefined;
  // In a list.
  next: Node | undefined = undefined;
  previous: Node | undefined = undefined;
  // While written.
  /** Uses not written yet. */
  uses = 0;
  local = -1;
  /** Loops around the definition; of a block the labels around it. */
  depth = 0;
  /** The next of the reads of one mutable local. */
  alias: Node | undefined = undefined;
}

const CHUNK = 1024;
const free: Node[][] = [];
/** Nodes of one function: used again for another when it is written, so that compiling makes no garbage. */
export class Nodes {
  readonly #chunks: Node[][] = [];
  #chunk: Node[] = [];
  #used = CHUNK;
  make(kind: Kind, type: ValType, op: number, imm: number): Node {
    if (this.#used === CHUNK) this.#more();
    let n = this.#chunk[this.#used];
    if (n) {
      n.a = n.b = n.c = n.list = n.raw = n.value = n.variable = n.base = undefined;
      n.first = n.last = n.next = n.previous = n.alias = undefined;
      n.offset = n.low = n.high = n.uses = n.depth = 0;
      n.local = -1;
      n.ends = false;
      n.hint = undefined;
    } else {
      n = new Node();
      this.#chunk.push(n);
    }
    this.#used++;
    n.kind = kind;
    n.type = type;
    n.op = op;
    n.imm = imm;
    return n;
  }
  #more(): void {
    this.#chunk = free.pop() ?? [];
    this.#chunks.push(this.#chunk);
    this.#used = 0;
  }
  /** No node of the function is used any more. */
  release(): void {
    // What some huge function took is given back.
    for (const c of this.#chunks) if (free.length < 32) free.push(c);
    this.#chunks.length = 0;
    this.#used = CHUNK;
  }
}
