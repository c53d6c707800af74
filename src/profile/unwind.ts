// The calls a task is in: from its registers on, by the call frame information of the files its code is in.
import type { Reg } from '../kernel/cpu.ts';
import { PAGE, pageDown } from '../kernel/mm/address-space.ts';
import type { Thread } from '../kernel/thread.ts';
import { viewOf } from './elf-file.ts';
import { Malformed, Reader, type Row } from './unwind-table.ts';

const MOST_FRAMES = 128;
const RSP = 7;
const RETURN = 16;
/** By DWARF's numbers. */
const REGISTERS: readonly Reg[] = [
  'rax',
  'rdx',
  'rcx',
  'rbx',
  'rsi',
  'rdi',
  'rbp',
  'rsp',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
];
/** Those a function gives back as it found them: what rules of callers count from. */
const KEPT = [3, 6, RSP, 12, 13, 14, 15];

/** A word of a task's memory; undefined where there is none that can be read without touching anything. */
export function wordAt(t: Thread, at: number): number | undefined {
  const { space } = t;
  if (at < 0 || at % 8) return undefined;
  if (space.isLinear(pageDown(at))) {
    const { u32 } = t.cpu;
    return (u32[at / 4] as number) + (u32[at / 4 + 1] as number) * 0x1_0000_0000;
  }
  const page = space.pageBytes(pageDown(at));
  return page && Number(viewOf(page).getBigUint64(at % PAGE, true));
}

/** Return addresses, innermost first, and where each of them stands. */
export interface Calls {
  readonly returns: number[];
  readonly slots: number[];
}
/** The calls a task is in that is at `rip`. `rowAt`: the rules for a place in its code. */
export function callsOf(t: Thread, rip: number, rowAt: (rip: number) => Row | undefined): Calls {
  const calls: Calls = { returns: [], slots: [] };
  const registers: (number | undefined)[] = REGISTERS.map((name) => Number(t.cpu.get(name)));
  let at = rip;
  for (let n = 0; n < MOST_FRAMES; n++) {
    const row = rowAt(at);
    if (!row?.cfa) break;
    registers[RETURN] = at;
    const cfa =
      'register' in row.cfa
        ? (registers[row.cfa.register] ?? Number.NaN) + row.cfa.offset
        : evaluate(t, row.cfa.expression, registers, undefined);
    const rule = row.rules.get(RETURN);
    if (cfa === undefined || !(row.signal || cfa > (registers[RSP] ?? 0)) || !rule || rule === 'none') break;
    const before = [...registers];
    const slotOf = (r: Exclude<typeof rule, 'none'>): number | undefined =>
      'offset' in r ? cfa + r.offset : evaluate(t, r.expression, before, cfa);
    const slot = slotOf(rule);
    const back = slot === undefined ? undefined : wordAt(t, slot);
    if (!back || slot === undefined) break;
    registers[RSP] = cfa;
    for (const r of KEPT) {
      const kept = row.rules.get(r);
      if (kept === undefined) continue;
      const where = kept === 'none' ? undefined : slotOf(kept);
      registers[r] = where === undefined ? undefined : wordAt(t, where);
    }
    calls.returns.push(back);
    calls.slots.push(slot);
    // Behind a call may be another function's code; what was interrupted is where it was.
    at = row.signal ? back : back - 1;
  }
  return calls;
}

/** The value of a DWARF expression, undefined where it has none that we know. */
function evaluate(
  t: Thread,
  expression: Uint8Array,
  registers: readonly (number | undefined)[],
  first: number | undefined,
): number | undefined {
  try {
    const value = compute(t, new Reader(expression), registers, first === undefined ? [] : [first]);
    return Number.isFinite(value) ? value : undefined;
  } catch (e) {
    if (e instanceof Malformed) return undefined;
    throw e;
  }
}
/** DW_OP_* (DWARF 5, 2.5), as far as linkers and C libraries use them for frames. */
function compute(t: Thread, r: Reader, registers: readonly (number | undefined)[], stack: number[]): number {
  const pop = (): number => {
    const n = stack.pop();
    if (n === undefined || !Number.isSafeInteger(n)) throw new Malformed();
    return n;
  };
  while (r.more) {
    const op = r.u8();
    // lit0 to lit31, breg0 to breg31
    if (op >= 0x30 && op <= 0x4f) stack.push(op - 0x30);
    else if (op >= 0x70 && op <= 0x8f) stack.push((registers[op - 0x70] ?? Number.NaN) + r.sleb());
    else
      switch (op) {
        case 0x06: // deref
          stack.push(wordAt(t, pop()) ?? Number.NaN);
          break;
        case 0x08: // const1u
          stack.push(r.u8());
          break;
        case 0x10: // constu
          stack.push(r.uleb());
          break;
        case 0x11: // consts
          stack.push(r.sleb());
          break;
        case 0x1a: // and
          stack.push(Number(BigInt(pop()) & BigInt(pop())));
          break;
        case 0x22: // plus
          stack.push(pop() + pop());
          break;
        case 0x23: // plus_uconst
          stack.push(pop() + r.uleb());
          break;
        case 0x24: {
          // shl
          const by = pop();
          stack.push(pop() * 2 ** by);
          break;
        }
        case 0x2a: {
          // ge
          const than = pop();
          stack.push(pop() >= than ? 1 : 0);
          break;
        }
        default:
          throw new Malformed();
      }
  }
  return pop();
}
