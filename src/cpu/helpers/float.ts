// The exact floating point behind isa/sse/fp.ts: rounds as MXCSR says, adds what exceptions it finds to FP_RAISED.
import { type Context, F32, F64, type Format, type Rounding } from '../../bits/float/soft.ts';
import { binary, compare, convert, fromInteger, roundToIntegral, squareRoot, toInteger } from '../../bits/float/sse.ts';
import { FP_KINDS } from '../../isa/sse/kinds.ts';
import { FP_RAISED, MXCSR } from '../layout.ts';

/** Order or 'unordered' to the mask predicates 0..3 (eq lt le unord); 4..7 are their negations. */
function predicate(n: number, order: number | 'unordered'): boolean {
  const u = order === 'unordered';
  const base = [order === 0, !u && (order as number) < 0, !u && (order as number) <= 0, u][n & 3] as boolean;
  return n & 4 ? !base : base;
}

export function fpExact(view: DataView, code: number, a: bigint, b: bigint): bigint {
  const mxcsr = view.getUint32(MXCSR, true);
  const c: Context = {
    rounding: ((mxcsr >> 13) & 3) as Rounding,
    flags: 0,
    masks: (mxcsr >> 7) & 0x3f,
    flushToZero: (mxcsr & 0x8000) !== 0,
    denormalsAreZero: (mxcsr & 0x40) !== 0,
    roundedUp: false,
  };
  const w = (code >> 8) & 0xff;
  const f: Format = w === 64 ? F64 : F32;
  const mask = (1n << BigInt(w)) - 1n;
  const imm = code >>> 16;
  const x = a & mask;
  const y = b & mask;
  const kind = FP_KINDS[code & 0xff] as (typeof FP_KINDS)[number];
  let r: bigint;
  switch (kind) {
    case 'sqrt':
      r = squareRoot(f, c, x);
      break;
    case 'ucomi':
    case 'comi': {
      const order = compare(f, c, x, y, kind === 'ucomi');
      r = order === 'unordered' ? 0x45n : order < 0 ? 1n : order === 0 ? 0x40n : 0n;
      break;
    }
    case 'cvtsd2ss':
      r = convert(F64, F32, c, x);
      break;
    case 'cvtss2sd':
      r = convert(F32, F64, c, x);
      break;
    case 'cvtsi2f':
    case 'cvtsi2f32':
      r = fromInteger(f, c, BigInt.asIntN(64, a));
      break;
    case 'cvtf2si32':
      r = toInteger(f, c, x, 32, c.rounding) & 0xffffffffn;
      break;
    case 'cvttf2si32':
      r = toInteger(f, c, x, 32, 3) & 0xffffffffn;
      break;
    case 'cvtf2si64':
      r = toInteger(f, c, x, 64, c.rounding);
      break;
    case 'cvttf2si64':
      r = toInteger(f, c, x, 64, 3);
      break;
    case 'round':
      r = roundToIntegral(f, c, x, (imm & 4 ? c.rounding : imm & 3) as Rounding, (imm & 8) !== 0);
      break;
    case 'cmp': {
      // eq, unord and their negations are quiet; the ordering ones raise IE for quiet NaNs too.
      const order = compare(f, c, x, y, (imm & 3) === 0 || (imm & 3) === 3);
      r = predicate(imm, order) ? mask : 0n;
      break;
    }
    default:
      r = binary(kind, f, c, x, y);
  }
  view.setUint32(FP_RAISED, view.getUint32(FP_RAISED, true) | c.flags, true);
  return BigInt.asIntN(64, r);
}
