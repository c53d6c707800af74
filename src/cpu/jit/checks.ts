// Rights of memory accesses: those that count from one value are checked together, before the first of them. How far they reach is known at the block's
// end only, so the check's place is kept open until then.
import type { Hole, Node } from '../../wasm/code.ts';
import * as L from '../layout.ts';
import type { FoldingCode } from './fold.ts';

/** Within a page and the one behind it: what one look at a permission byte answers for. */
const SPAN = L.PAGE;

/** Accesses [min, end) from a value, checked at one place. `low` is the 32-bit address of min. */
export interface Group {
  min: number;
  end: number;
  write: boolean;
  /** Undefined once the check is written: its range stays then. */
  open: { readonly hole: Hole; readonly resume: number } | undefined;
  readonly low: Node;
  readonly accesses: { readonly at: Node; readonly offset: number }[];
}

/** Can [offset, offset + bytes) be part of the group? It grows if it is still open. */
export function covers(g: Group, offset: number, bytes: number, write: boolean): boolean {
  const min = Math.min(g.min, offset);
  const end = Math.max(g.end, offset + bytes);
  if (!g.open) return g.min === min && g.end === end && (!write || g.write);
  if (end - min > SPAN) return false;
  g.min = min;
  g.end = end;
  g.write ||= write;
  return true;
}

/** Writes the group's check. `leave(condition, resume)` leaves the region where the condition holds. */
export function close(
  c: FoldingCode,
  base: Node | undefined,
  g: Group,
  leave: (condition: Node, resume: number) => void,
): void {
  const { open } = g;
  if (!open) return;
  g.open = undefined;
  for (const a of g.accesses) a.at.imm += a.offset - g.min;
  const bytes = g.end - g.min;
  c.fill(open.hole, () => {
    const sum = base ? c.op('i64.add', base, c.i64(g.min)) : c.i64(g.min);
    g.low.a = sum;
    c.place(g.low);
    const rights = (at: Node): Node => c.load('i32.load8_u', c.op('i32.shr_u', at, c.i32(12)), L.PERM);
    const far = c.op('i64.ne', sum, c.op('i64.extend_i32_u', g.low));
    const first = rights(g.low);
    const one = g.write ? L.W : L.R;
    if (bytes === 1) {
      leave(far, open.resume);
      leave(c.op('i32.eqz', c.op('i32.and', first, c.i32(one))), open.resume);
      return;
    }
    c.block((fine) => {
      c.block((doubtful) => {
        c.brIf(doubtful, far);
        c.brIf(fine, c.op('i32.and', first, c.i32(g.write ? L.WW : L.RR)));
      });
      // The page's last bytes are fine where the next page needn't be. (`far` again, in words of its own: shared, it would be worked out before the branch.)
      const last = rights(c.op('i32.add', g.low, c.i32(bytes - 1)));
      const both = c.op('i32.and', c.op('i32.and', first, last), c.i32(one));
      const above = c.op('i32.wrap_i64', c.op('i64.shr_u', sum, c.i64(32)));
      leave(c.op('i32.or', above, c.op('i32.eqz', both)), open.resume);
    });
  });
}
