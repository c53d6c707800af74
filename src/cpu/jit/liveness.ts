// Where the flags are looked at again before they are set anew: by an instruction, or by whoever goes on where code is left, which may be at any access to
// memory. On ways to other places they aren't brought up to date.
import type { OpValue } from '../../isa/op.ts';
import type { Handler } from '../interp/handlers.ts';
import * as R from '../record.ts';
import type { Blocks } from './blocks.ts';
import type { RegionNode } from './region.ts';

/** Set all flags and read none. */
const SET = new Set([
  'add',
  'or',
  'and',
  'sub',
  'xor',
  'cmp',
  'test',
  'neg',
  'imul',
  'bsf',
  'bsr',
  'popcnt',
  'tzcnt',
  'lzcnt',
]);
/** Set all flags where the count isn't zero. */
const SHIFTS = new Set(['shl', 'shr', 'sar']);
/** Neither set nor read any. */
const NEUTRAL = new Set([
  'mov',
  'movzx',
  'movsx',
  'movsxd',
  'lea',
  'nop',
  'endbr64',
  'xchg',
  'cbw',
  'cwd',
  'not',
  'bswap',
  'jmp',
]);

type Effect = 'needs' | 'sets' | undefined;
const effects = new Map<OpValue, Effect | 'shift'>();
function effectOf(h: Handler, count: number): Effect {
  // Memory may not be accessible: the instruction is left to the interpreter then.
  for (const o of h.operands) if (o.kind === 'm' && o.access !== 'a') return 'needs';
  let e = effects.get(h.op);
  if (!effects.has(h.op)) {
    const { name } = h.op;
    e = SET.has(name) ? 'sets' : SHIFTS.has(name) ? 'shift' : NEUTRAL.has(name) ? undefined : 'needs';
    effects.set(h.op, e);
  }
  if (e !== 'shift') return e;
  return h.operands[1]?.kind === 'i' && count & (h.size === 64 ? 63 : 31) ? 'sets' : 'needs';
}

/** By number of a region's nodes, less one: are the flags needed when control comes there? */
export function flagsNeeded(nodes: readonly RegionNode[], blocks: Blocks, view: DataView): readonly boolean[] {
  const of = new Map(nodes.map((n, i) => [n, i]));
  const needed: boolean[] = [];
  const passing: number[] = [];
  nodes.forEach((n, i) => {
    const e = within(n, blocks, view);
    needed[i] = e === 'needs';
    if (e === undefined) passing.push(i);
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (const i of passing) {
      if (needed[i]) continue;
      const n = nodes[i] as RegionNode;
      const then = n.edges.length === 0 || n.edges.some((e) => !('to' in e) || needed[of.get(e.to) as number]);
      if (then) needed[i] = changed = true;
    }
  }
  return needed;
}
function within(n: RegionNode, blocks: Blocks, view: DataView): Effect {
  const { block } = n;
  const first = block.copy || block.first;
  for (let r = first, end = first + (block.last - block.first); r < end; r += R.RECORD) {
    const op = view.getUint16(r + R.REC_OP, true);
    if (op === R.OP_GOTO) return undefined;
    if (op === R.OP_EA || op === R.OP_EA32) continue;
    const h = blocks.handler(r);
    const e = h ? effectOf(h, view.getInt32(r + R.REC_IMM, true)) : 'needs';
    if (e) return e;
  }
  return undefined;
}
