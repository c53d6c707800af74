// The translator: decodes a block's instructions and writes their records, in WebAssembly, because most of what a short program runs is reached for the first time
// and JavaScript is slow until V8 has optimised it. It knows the legacy encodings of instructions that have a meaning. Where it meets anything else the block ends, and
// where that is a block's first instruction the decoder (isa/decode.ts) has the last word.
import { IMM_FAR, IMM_MOFFS, IMM_NONE, IMM_ONE, KEY } from '../../isa/form.ts';
import { Code, type Label, type Node, type Var } from '../../wasm/code.ts';
import type { ValType } from '../../wasm/ops.ts';
import * as L from '../layout.ts';
import { FIXED, FROM_OPCODE, FROM_REG, FROM_RM_OR_MEMORY } from '../plan.ts';
import * as R from '../record.ts';
import * as T from '../translation-table.ts';

const MAX_LENGTH = 15;
const NONE = L.ZERO | (L.ZERO << 16);
const RSP = L.GPR + 32;

/**
 * (rip i64, at, end, most) -> the block, 0 where it would have no instruction. Its code is at `at`, and bytes up to `end` may be looked at. The block is the next
 * free one and stays free until it is added (findFunction, Translations).
 */
export function translateFunction(): Code {
  const c = new Code(['i64', 'i32', 'i32', 'i32']);
  const i32 = (n: number): Node => c.i32(n);
  const variable = (type: ValType, value: Node): Var => {
    const v = c.var(type);
    c.set(v, value);
    return v;
  };
  const on = (v: Var): Node => c.get(v);
  const and = (a: Node, n: number): Node => c.op('i32.and', a, i32(n));
  const or = (...nodes: Node[]): Node => nodes.reduce((a, b) => c.op('i32.or', a, b));
  const shl = (a: Node, n: number): Node => (n ? c.op('i32.shl', a, i32(n)) : a);
  const shr = (a: Node, n: number): Node => c.op('i32.shr_u', a, i32(n));
  const add = (a: Node, b: Node): Node => c.op('i32.add', a, b);
  const eq = (a: Node, n: number): Node => c.op('i32.eq', a, i32(n));
  const not = (a: Node): Node => c.op('i32.eqz', a);
  const both = (a: Node, b: Node): Node => c.op('i32.and', a, b);

  const first = variable('i32', c.load('i32.load', i32(0), L.NEXT_RECORD));
  const out = variable('i32', on(first));
  const mode32 = variable('i32', c.load('i32.load', i32(0), L.CODE_32));
  const rip = variable('i64', c.param(0));
  const p = variable('i32', c.param(1));
  const count = variable('i32', i32(0));
  const length = variable('i32', i32(0));
  const ended = variable('i32', i32(0));
  const start = c.var('i32');
  const limit = c.var('i32');
  const b = c.var('i32');
  const kind = c.var('i32');
  const rex = c.var('i32');
  const word = c.var('i32');
  const narrow = c.var('i32');
  const lock = c.var('i32');
  const repeat = c.var('i32');
  const override = c.var('i32');
  const map = c.var('i32');
  const id = c.var('i32');
  const form = c.var('i32');
  const modrm = c.var('i32');
  const key = c.var('i32');
  const flags = c.var('i32');
  const size = c.var('i32');
  const mem = c.var('i32');
  const base = c.var('i32');
  const index = c.var('i32');
  const scale = c.var('i32');
  const disp = c.var('i64');
  const relative = c.var('i32');
  const imm = c.var('i32');
  const high = c.var('i32');
  const op = c.var('i32');
  const segment = c.var('i32');
  const registers = c.var('i32');
  const shift = c.var('i32');
  const slot = c.var('i32');
  const number = c.var('i32');

  const step = (n: number): void => c.set(p, add(on(p), i32(n)));
  const has = (...names: (keyof typeof T.FLAG)[]): Node =>
    and(
      on(flags),
      names.reduce((r, name) => r | T.FLAG[name], 0),
    );
  const bytesEnd = (): Node => c.op('i32.ge_u', on(p), on(limit));
  const table = (at: Node, offset: number): Node => c.loadConst('i32.load8_u', at, L.TRANSLATION + offset);
  const fromForm = (load: 'i32.load' | 'i32.load16_u' | 'i32.load8_u', field: number): Node =>
    c.loadConst(load, on(form), L.TRANSLATION + T.FORMS + field);
  const reset = (value: Node, ...vars: Var[]): void => vars.forEach((v) => c.set(v, value));
  /** A record, with `seg` in the low half of its fourth word. */
  const put = (
    first: Node,
    registers: Node,
    addressed: Node,
    seg: Node,
    displacement: Node,
    immediate: Node,
    at: Node,
  ): void => {
    c.store('i32.store', on(out), first, R.REC_OP);
    c.store('i32.store', on(out), registers, R.REC_D);
    c.store('i32.store', on(out), addressed, R.REC_BASE);
    c.store('i32.store', on(out), or(seg, shl(on(count), 16)), R.REC_SEG);
    c.store('i64.store', on(out), displacement, R.REC_DISP);
    c.store('i32.store', on(out), immediate, R.REC_IMM);
    c.store('i32.store', on(out), c.op('i32.wrap_i64', at), R.REC_RIP);
    c.set(out, add(on(out), i32(R.RECORD)));
  };

  /** Prefixes: leaves with the first byte of the opcode in `b`. */
  const prefixes = (odd: Label): void =>
    c.block((done) =>
      c.loop((again) => {
        c.brIf(odd, bytesEnd());
        c.set(b, c.load('i32.load8_u', on(p)));
        step(1);
        c.set(kind, table(on(b), T.BYTES));
        c.brIf(done, not(on(kind)));
        const cases: Partial<Record<number, () => void>> = {
          [T.P_66]: () => c.set(word, i32(1)),
          [T.P_67]: () => c.set(narrow, i32(1)),
          [T.P_F0]: () => c.set(lock, i32(1)),
          [T.P_F2]: () => c.set(repeat, i32(2)),
          [T.P_F3]: () => c.set(repeat, i32(1)),
          [T.P_FS]: () => c.set(override, i32(L.FS_BASE)),
          [T.P_GS]: () => c.set(override, i32(L.GS_BASE)),
          [T.P_FLAT]: () => c.if(on(mode32), () => c.set(override, i32(L.ZERO))),
          [T.P_REX]: () => {
            c.brIf(done, on(mode32));
            c.brIf(odd, bytesEnd());
            const next = c.load('i32.load8_u', on(p));
            const prefix = table(next, T.BYTES);
            // Counts only right before the opcode.
            c.brIf(again, c.op('i32.lt_u', c.op('i32.sub', prefix, i32(1)), i32(T.P_REX)));
            c.set(rex, on(b));
            c.set(b, next);
            step(1);
            c.br(done);
          },
        };
        const end = (): void => {
          c.br(done);
        };
        const list = Array.from({ length: T.P_REX + 1 }, (_, k) => cases[k] ?? end);
        c.cases(on(kind), list, end);
        c.br(again);
      }),
    );
  /** Opcode, whose map is left as map * 256. */
  const opcode = (odd: Label): void => {
    const next = (): void => {
      c.brIf(odd, bytesEnd());
      c.set(b, c.load('i32.load8_u', on(p)));
      step(1);
    };
    c.set(map, i32(0));
    c.if(
      eq(on(b), 0x0f),
      () => {
        next();
        c.set(map, i32(0x100));
        c.brIf(odd, eq(on(b), 0x0f));
        c.if(eq(and(on(b), 0xfd), 0x38), () => {
          c.set(map, c.select(eq(on(b), 0x38), i32(0x200), i32(0x300)));
          next();
        });
      },
      () => {
        c.set(kind, table(on(b), T.BYTES));
        c.if(c.op('i32.ge_u', on(kind), i32(T.P_VEX)), () => {
          c.brIf(odd, bytesEnd());
          const byte = c.load('i32.load8_u', on(p));
          const registers = c.op('i32.ge_u', byte, i32(0xc0));
          c.brIf(
            odd,
            c.select(eq(on(kind), T.P_XOP), c.op('i32.ge_u', and(byte, 0x1f), i32(8)), or(not(on(mode32)), registers)),
          );
        });
      },
    );
  };
  /** The form: `form` is where it stands, counted from FORMS; `modrm` is looked at, not yet passed. */
  const find = (odd: Label): void => {
    const root = shl(add(on(map), on(b)), 1);
    const from = c.loadConst('i32.load16_u', root, L.TRANSLATION + T.ROOTS);
    const last = c.loadConst('i32.load16_u', root, L.TRANSLATION + T.ROOTS + 2);
    c.set(id, from);
    c.set(modrm, i32(0));
    const none = bytesEnd();
    c.if(not(none), () => c.set(modrm, c.load('i32.load8_u', on(p))));
    // mov of control and debug registers: always between registers.
    c.if(eq(or(on(map), and(on(b), 0xfc)), 0x120), () => c.set(modrm, or(on(modrm), i32(0xc0))));
    const prefix = c.select(on(repeat), add(on(repeat), i32(1)), on(word));
    const bit = (v: Node, from: number, to: number): Node => shl(and(shr(v, from), 1), to);
    c.set(
      key,
      or(
        shl(prefix, KEY.prefix),
        bit(on(rex), 3, KEY.w),
        shl(not(on(mode32)), KEY.mode64),
        bit(on(rex), 0, KEY.rexB),
        bit(on(rex), 2, KEY.rexR),
        shl(and(shr(on(modrm), 3), 7), KEY.reg),
        shl(c.op('i32.ge_u', on(modrm), i32(0xc0)), KEY.mod3),
        shl(and(on(modrm), 7), KEY.rm),
      ),
    );
    c.loop((again) => {
      c.brIf(odd, c.op('i32.ge_u', on(id), last));
      c.set(form, c.op('i32.mul', on(id), i32(T.FORM)));
      c.set(flags, fromForm('i32.load', T.F_FLAGS));
      c.brIf(odd, both(none, has('modrm')));
      const bits = fromForm('i32.load', T.F_MASK);
      c.set(id, add(on(id), i32(1)));
      c.brIf(again, c.op('i32.ne', both(on(key), and(bits, 0xffff)), shr(bits, 16)));
    });
    const wide = both(c.op('i32.ne', has('d64'), i32(0)), not(on(mode32)));
    const plain = c.select(on(word), i32(0), add(i32(1), wide));
    c.set(size, c.select(and(on(rex), 8), i32(2), plain));
  };
  const general = (n: Node): Node => add(shl(n, 3), i32(L.GPR));
  /** Memory operand: base, index, scale, displacement. */
  const address = (): void => {
    const mod = shr(on(modrm), 6);
    const rm = and(on(modrm), 7);
    const byte = (): void => {
      c.set(disp, c.load('i64.load8_s', on(p)));
      step(1);
    };
    const four = (): void => {
      c.set(disp, c.load('i64.load32_s', on(p)));
      step(4);
    };
    c.set(mem, i32(1));
    c.if(
      both(on(mode32), on(narrow)),
      () => {
        const pair = c.loadConst('i32.load', shl(rm, 2), L.TRANSLATION + T.BASES16);
        c.set(base, and(pair, 0xffff));
        c.set(index, shr(pair, 16));
        const absolute = both(eq(mod, 0), eq(rm, 6));
        c.if(absolute, () => {
          c.set(base, i32(L.ZERO));
          c.set(disp, c.load('i64.load16_u', on(p)));
          step(2);
        });
        c.if(eq(mod, 1), byte);
        c.if(eq(mod, 2), () => {
          c.set(disp, c.load('i64.load16_s', on(p)));
          step(2);
        });
      },
      () =>
        c.block((done) => {
          c.set(base, general(or(rm, shl(and(on(rex), 1), 3))));
          c.if(eq(rm, 4), () => {
            const sib = c.load('i32.load8_u', on(p));
            step(1);
            c.set(scale, shr(sib, 6));
            const n = or(and(shr(sib, 3), 7), shl(and(on(rex), 2), 2));
            c.set(index, c.select(eq(n, 4), i32(L.ZERO), general(n)));
            c.set(base, general(or(and(sib, 7), shl(and(on(rex), 1), 3))));
            c.if(both(eq(and(sib, 7), 5), not(mod)), () => {
              c.set(base, i32(L.ZERO));
              four();
              c.br(done);
            });
          });
          c.if(both(eq(rm, 5), not(mod)), () => {
            c.set(base, i32(L.ZERO));
            c.set(relative, not(on(mode32)));
            four();
          });
          c.if(eq(mod, 1), byte);
          c.if(eq(mod, 2), four);
        }),
    );
  };
  const narrowAddresses = (): Node => or(on(mode32), on(narrow));
  const immediate = (): void => {
    const one = fromForm('i32.load8_u', T.F_IMM1);
    c.set(kind, one);
    const offset = (): void => {
      reset(i32(L.ZERO), base, index);
      c.set(scale, i32(0));
      c.set(mem, i32(1));
      const [two, four] = [both(on(mode32), on(narrow)), narrowAddresses()];
      c.set(disp, c.load('i64.load', on(p)));
      c.if(four, () => c.set(disp, c.load('i64.load32_u', on(p))));
      c.if(two, () => c.set(disp, c.load('i64.load16_u', on(p))));
      c.set(p, add(on(p), c.select(two, i32(2), c.select(four, i32(4), i32(8)))));
    };
    const plain = (): void => {
      const n = table(add(shl(on(kind), 2), on(size)), T.IMMEDIATES);
      c.set(imm, c.load('i32.load', on(p)));
      // Of a far pointer the offset.
      const part = c.select(eq(on(kind), IMM_FAR), shr(n, 1), n);
      c.if(eq(part, 1), () => c.set(imm, c.load('i32.load8_s', on(p))));
      c.if(eq(part, 2), () => c.set(imm, c.load('i32.load16_s', on(p))));
      c.set(high, c.op('i32.shr_s', on(imm), i32(31)));
      c.if(eq(n, 8), () => c.set(high, c.load('i32.load', on(p), 4)));
      c.set(p, add(on(p), n));
    };
    c.if(c.op('i32.ne', on(kind), i32(IMM_NONE)), () => {
      c.block((done) => {
        c.if(eq(on(kind), IMM_ONE), () => {
          c.set(imm, fromForm('i32.load8_u', T.F_CONSTANT));
          c.br(done);
        });
        c.if(eq(on(kind), IMM_MOFFS), () => {
          offset();
          c.br(done);
        });
        plain();
      });
      c.if(fromForm('i32.load8_u', T.F_IMM2), () => {
        // Of enter, the only one with two of them.
        c.set(imm, or(and(on(imm), 0xffff), shl(c.load('i32.load8_s', on(p)), 16)));
        step(1);
      });
    });
  };
  /** Adds a register operand to `registers`. */
  const register = (field: number): void => {
    c.set(slot, fromForm('i32.load', T.F_SLOTS + field));
    const from = and(shr(on(slot), 24), 7);
    c.if(both(c.op('i32.ne', on(slot), i32(0)), not(both(eq(from, FROM_RM_OR_MEMORY), on(mem)))), () => {
      const offset = and(on(slot), 0xffff);
      c.set(number, offset);
      c.if(c.op('i32.ne', from, i32(FIXED)), () => {
        const extended = (n: Node, bit: number): Node => or(and(n, 7), shl(and(shr(on(rex), bit), 1), 3));
        c.set(number, extended(on(modrm), 0));
        c.if(eq(from, FROM_REG), () => c.set(number, extended(shr(on(modrm), 3), 2)));
        c.if(eq(from, FROM_OPCODE), () => c.set(number, extended(on(b), 0)));
        const n = on(number);
        const high = both(both(shr(on(slot), 28), not(on(rex))), c.op('i32.lt_u', c.op('i32.sub', n, i32(4)), i32(4)));
        const plain = add(offset, c.op('i32.shl', both(n, and(shr(on(slot), 20), 15)), and(shr(on(slot), 16), 15)));
        c.set(number, c.select(high, add(shl(n, 3), i32(L.GPR - 32 + 1)), plain));
      });
      c.set(registers, or(on(registers), c.op('i32.shl', on(number), on(shift))));
      c.set(shift, add(on(shift), i32(16)));
    });
  };
  /** The instruction's records, with an address worked out by a record of its own where it has a segment or 32 bits in 64-bit code. */
  const lower = (): void => {
    const lengths = shl(on(length), 16);
    c.set(segment, i32(L.ZERO));
    c.if(on(mem), () => {
      c.if(not(has('lea')), () => c.set(segment, on(override)));
      c.if(on(relative), () =>
        c.set(disp, c.op('i64.add', c.op('i64.add', on(disp), on(rip)), c.op('i64.extend_i32_u', on(length)))),
      );
      c.if(both(c.op('i32.ne', has('pop'), i32(0)), eq(on(base), RSP)), () =>
        c.set(disp, c.op('i64.add', on(disp), c.op('i64.extend_i32_u', c.op('i32.shl', i32(2), on(size))))),
      );
      const cut = both(on(narrow), not(on(mode32)));
      c.if(or(cut, c.op('i32.ne', on(segment), i32(L.ZERO))), () => {
        put(
          or(c.select(cut, i32(R.OP_EA32), i32(R.OP_EA)), lengths, shl(on(scale), 24)),
          i32(0),
          or(on(base), shl(on(index), 16)),
          on(segment),
          on(disp),
          i32(0),
          on(rip),
        );
        c.set(base, i32(L.SCRATCH_REG));
        c.set(index, i32(L.ZERO));
        c.set(scale, c.select(cut, i32(R.NARROW), i32(0)));
        c.set(disp, c.i64(0));
      });
    });
    c.set(registers, i32(0));
    c.set(shift, i32(0));
    register(0);
    register(4);
    // The third register is the second where the first is in memory; else it is always the same one.
    c.if(c.op('i32.lt_u', on(shift), i32(32)), () => register(8));
    c.if(has('wideImmediate', 'bits', 'masked'), () => {
      const wide = (lo: Node, hi: Node): Node =>
        c.op('i64.or', c.op('i64.extend_i32_u', lo), c.op('i64.shl', c.op('i64.extend_i32_u', hi), c.i64(32)));
      c.if(has('wideImmediate'), () => c.set(disp, wide(on(imm), on(high))));
      c.if(has('bits'), () => c.set(imm, shl(narrowAddresses(), 5)));
      c.if(has('masked'), () => {
        c.if(has('segment'), () => c.set(segment, on(override)));
        c.if(has('string'), () => c.set(imm, on(repeat)));
        // loop and jrcxz jump as functions of their own do, without links, so the place of the links is free for the mask.
        c.set(disp, c.select(narrowAddresses(), c.i64(0xffffffff), c.i64(-1)));
      });
    });
    put(
      or(on(op), lengths, shl(on(scale), 24)),
      on(registers),
      or(on(base), shl(on(index), 16)),
      on(segment),
      on(disp),
      on(imm),
      on(rip),
    );
  };

  c.block((stop) => {
    c.loop((next) => {
      c.set(start, on(p));
      const far = add(on(p), i32(MAX_LENGTH));
      c.set(limit, c.select(c.op('i32.lt_u', far, c.param(2)), far, c.param(2)));
      reset(i32(0), rex, word, narrow, lock, repeat, mem, scale, relative, imm, high);
      reset(i32(L.ZERO), override, base, index);
      c.set(disp, c.i64(0));
      prefixes(stop);
      opcode(stop);
      find(stop);
      c.if(has('modrm'), () => {
        step(1);
        c.if(c.op('i32.lt_u', on(modrm), i32(0xc0)), address);
      });
      c.if(has('x87'), () => c.set(imm, or(shl(and(on(b), 7), 8), on(modrm))));
      immediate();
      c.brIf(stop, c.op('i32.gt_u', on(p), on(limit)));
      const handler = add(shl(on(size), 2), shl(on(mem), 1));
      c.set(op, c.loadConst('i32.load16_u', add(on(form), handler), L.TRANSLATION + T.FORMS + T.F_HANDLERS));
      c.brIf(stop, not(on(op)));
      c.brIf(stop, both(on(lock), not(both(c.op('i32.ne', has('lock'), i32(0)), on(mem)))));
      c.set(count, add(on(count), i32(1)));
      c.set(length, c.op('i32.sub', on(p), on(start)));
      lower();
      c.set(rip, c.op('i64.add', on(rip), c.op('i64.extend_i32_u', on(length))));
      const loadsSs = both(
        c.op('i32.ne', has('shadow'), i32(0)),
        eq(or(and(shr(on(modrm), 3), 7), shl(and(on(rex), 4), 1)), 2),
      );
      c.store('i32.store', i32(0), loadsSs, L.SHADOW);
      c.if(has('ends'), () => {
        c.set(ended, i32(1));
        c.br(stop);
      });
      c.brIf(stop, c.op('i32.eq', on(count), c.param(3)));
      const page = c.op('i64.shr_u', c.op('i64.xor', on(rip), c.param(0)), c.i64(12));
      c.brIf(next, c.op('i64.eqz', page));
    });
  });
  c.if(not(on(count)), () => c.return(i32(0)));
  // The way on stands at the last instruction, which may end in the next 4 GiB.
  c.if(not(on(ended)), () =>
    put(
      or(i32(R.OP_GOTO), shl(on(length), 16)),
      i32(0),
      i32(NONE),
      i32(L.ZERO),
      c.i64(0),
      i32(0),
      c.op('i64.sub', on(rip), c.op('i64.extend_i32_u', on(length))),
    ),
  );
  c.store('i32.store8', on(first), c.load('i32.load8_u', i32(0), L.FIRST_HEAT), R.REC_HEAT);
  c.store('i32.store', i32(0), on(out), L.NEXT_RECORD);
  const block = c.load('i32.load', i32(0), L.NEXT_BLOCK);
  c.store('i64.store', block, c.param(0), R.BLK_RIP);
  c.store('i32.store', block, on(first), R.BLK_FIRST);
  c.store('i32.store', block, on(out), R.BLK_LAST);
  c.store('i32.store', block, c.op('i32.wrap_i64', c.op('i64.sub', on(rip), c.param(0))), R.BLK_LENGTH);
  c.return(block);
  c.trapHere();
  return c;
}
