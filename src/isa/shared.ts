// Functions of the generated module that several instructions call: floating point with its rare paths out of line.
import type { Code, Node } from '../wasm/code.ts';
import type { ValType } from '../wasm/ops.ts';

export interface SharedFunction {
  readonly name: string;
  readonly params: readonly ValType[];
  readonly result: ValType;
  /** What it calls of the host side: exact routines for the rare cases. */
  readonly imports?: readonly {
    readonly name: string;
    readonly params: readonly ValType[];
    readonly result: ValType;
  }[];
  readonly body: (c: Code, call: (name: string, ...args: Node[]) => Node) => Node;
}
export const SHARED: SharedFunction[] = [];
export function shared(f: SharedFunction): SharedFunction {
  SHARED.push(f);
  return f;
}
