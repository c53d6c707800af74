// Capabilities and who has them.
import * as C from '../../abi/capability.ts';
import { names } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex } from '../number.ts';
import type { Decoders, Show, ShowField } from '../shape.ts';

const byNumber = new Map<number, string>();
for (const [name, value] of Object.entries(C))
  if (name.startsWith('CAP_') && typeof value === 'number') byNumber.set(value, name);
const inOrder = [...byNumber].sort(([a], [b]) => a - b);
export const capabilityName = (n: number): string | undefined => byNumber.get(n);

const versions = names('_LINUX_CAPABILITY_VERSION', {
  _LINUX_CAPABILITY_VERSION_1: 0x19980330,
  _LINUX_CAPABILITY_VERSION_2: 0x20071026,
  _LINUX_CAPABILITY_VERSION_3: 0x20080522,
});
const header: ShowField = (c, v, at) => {
  c.w.open('{');
  c.w.field('version');
  c.w.constant(versions, v.getUint32(at, true));
  c.w.field('pid');
  c.pid(v.getInt32(at + 4, true));
  c.w.close('}');
};
/** A set: one shifted to each member; bits that are none as one number. */
function setText(lo: number, hi: number): string {
  const parts: string[] = [];
  let restLo = lo;
  let restHi = hi;
  for (const [n, name] of inOrder) {
    const bit = n < 32 ? (lo >>> n) & 1 : (hi >>> (n - 32)) & 1;
    if (!bit) continue;
    parts.push(`1<<${name}`);
    if (n < 32) restLo &= ~(1 << n);
    else restHi &= ~(1 << (n - 32));
  }
  if (restLo | restHi) parts.push(hex(restLo >>> 0, restHi >>> 0));
  return parts.length ? parts.join('|') : '0';
}
const SETS = ['effective', 'permitted', 'inheritable'] as const;
/** One structure of three sets of 32, or two of them. */
const data: Show = (c, lo, hi) => {
  const version = c.view(c.number(0), 4)?.getUint32(0, true) ?? 0;
  const words = C.CAP_VERSIONS.get(version) ?? 1;
  const v = c.leaving && c.failed ? undefined : c.view(hi * 0x1_0000_0000 + lo, 12 * words);
  if (!v || (lo | hi) === 0) return c.w.address(lo, hi);
  show(c, v, words === 2);
};
function show(c: Context, v: DataView, wide: boolean): void {
  c.w.open('{');
  SETS.forEach((name, i) => {
    c.w.field(name);
    c.w.sign(setText(v.getUint32(4 * i, true), wide ? v.getUint32(12 + 4 * i, true) : 0));
  });
  c.w.close('}');
}
export const capability: Decoders = {
  structures: { cap_user_header: { show: header } },
  decoders: { cap_data: () => data },
};
