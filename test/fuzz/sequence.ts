// Several instructions in a row, and code that writes to code.
import { TF } from '../../src/isa/state.ts';
import { CODE, DATA, type Made, PAGE, S, WRITABLE_CODE } from './batch.ts';
import { APPROXIMATE } from './compare.ts';
import { mask } from './flags.ts';
import type { Instructions } from './generate.ts';
import type { Variant } from './instruction.ts';
import type { Random, Words } from './random.ts';
import { CaseState } from './state.ts';

const POINTERS = [13, 14, 15];
/** cmp of two registers: defines all flags, where an instruction before left some undefined. */
export const define = (r: Random): number[] => [0x48, 0x39, 0xc0 | r.below(64)];

/** Instructions that end a sequence whatever they are given, or whose results are only bounded. */
function suits({ form }: Variant): boolean {
  const { op } = form;
  return (
    !op.privileged &&
    !/^(int|int3|popf|into|ud[012]|syscall|sysenter|iret|lret|ljmp|lcall|jmp|call|ret|fxsave|fxrstor|sgdt|sidt|smsw|sldt|str|fldenv|frstor|fldcw|ldmxcsr|mov[ds]r|l[sfg]s)$/.test(
      op.name,
    ) &&
    !form.operands.some((o) => o.bank === 'seg') &&
    !APPROXIMATE.test(op.name)
  );
}

export function sequence(instructions: Instructions, r: Random, words: Words): Made {
  const g = new CaseState(r, r.pick(['integer', 'integer', 'f32', 'f64']), words);
  g.clearFlags(TF);
  for (const n of POINTERS) g.setGpr(n, BigInt(DATA + 0x180 + 16 * r.below(8)));
  const start = r.chance(85) ? CODE + 0x100 + r.below(0x800) : CODE + PAGE - r.below(40);
  const code: number[] = [];
  for (let left = 2 + r.below(9); left > 0; ) {
    const variant = r.pick(instructions.variants);
    if (!suits(variant)) continue;
    const one = instructions.write(variant, start + code.length, g, { stray: false, pointers: POINTERS });
    const d = instructions.decoder;
    // A jump leads to what follows, taken or not.
    const rel = variant.form.operands.find((o) => o.source === 'rel');
    if (rel) one.fill(0, one.length - (rel.size === 'bs' ? 1 : d.size === 16 ? 2 : 4));
    // One of 16 bits leads away.
    if (rel && d.size === 16) continue;
    code.push(...one);
    const op = d.form && instructions.ops[d.form.id];
    if (op && (mask(op.undef ?? '') || op.undefIf)) code.push(...define(r));
    left--;
  }
  // Data of the case may lie behind.
  code.push(0xcc);
  g.set(S.rip, BigInt(start));
  g.put(start, Uint8Array.from(code));
  return { state: g.bytes, pieces: g.pieces, code: Uint8Array.from(code), name: 'sequence', undefinedFlags: 0 };
}

/** Bytes that are instructions by themselves, and harmless. */
const SINGLE = [0x90, 0xf8, 0xf9, 0xf5, 0xfc, 0x98, 0x99, 0x9c, 0x50, 0x58, 0x9f, 0x9e, 0x91, 0x97, 0xcc];
/** As opcodes these leave flags undefined, or are left out for other reasons. */
const UNSUITED = new Set([0x0f, 0xc0, 0xc1, 0xd0, 0xd1, 0xd2, 0xd3, 0xf1, 0xf6, 0xf7]);
/** Fillers with stores among them that hit what lies around: before, in the same block, the very next instruction. A jump back runs it twice. */
export function selfModifying(r: Random, words: Words): Made {
  const g = new CaseState(r, 'integer', words);
  g.setGpr(4, BigInt(DATA + 0x400));
  const start = r.chance(70) ? WRITABLE_CODE + 0x100 + r.below(0x800) : WRITABLE_CODE + PAGE - r.below(40);
  const code: number[] = [];
  const size = 24 + r.below(24);
  while (code.length < size) {
    if (!r.chance(40)) {
      code.push(r.pick(SINGLE));
      continue;
    }
    const wide = r.chance(50);
    const length = wide ? 10 : 7;
    const target = r.chance(40) ? length + r.below(4) - 1 : r.below(size + 8) - code.length;
    const disp = target - length;
    const word = [disp & 0xff, (disp >> 8) & 0xff, (disp >> 16) & 0xff, (disp >> 24) & 0xff];
    const imm = Array.from({ length: wide ? 4 : 1 }, () => r.pick(SINGLE));
    // A displacement may be run as code too: int1 is left out.
    if (word.some((b) => UNSUITED.has(b))) continue;
    code.push(wide ? 0xc7 : 0xc6, 0x05, ...word, ...imm);
  }
  // dec ecx; jnz back
  if (r.chance(50)) {
    g.setGpr(1, BigInt(1 + r.below(3)));
    const back = Array.from({ length: 8 }, (_, i) => (-(code.length + 4) + i) & 0xff).filter((b) => !UNSUITED.has(b));
    code.push(0xff, 0xc9, 0x75, r.pick(back));
  }
  g.set(S.rip, BigInt(start));
  g.put(start, Uint8Array.from(code));
  return {
    state: g.bytes,
    pieces: g.pieces,
    code: Uint8Array.from(code),
    name: 'code that writes to code',
    undefinedFlags: 0,
  };
}
