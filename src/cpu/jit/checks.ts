// Rights of memory accesses: those that count from one value are checked together, before the first of them. How far they reach is known at the block's
// end only, so the check's place is kept open until then.
import type { Code, Hole, Node } from '../../wasm/code.ts';
import * as L from '../layout.ts';
import type { Frame, Place as FramePlace } from './frame.ts';
import type { State } from './state.ts';

/** Within a page and the one behind it: what one look at a permission byte answers for. */
const SPAN = L.PAGE;
/** How far a check may be stretched by code that may not be reached from it. */
const GUESSED_SPAN = 128;

type Flags = Pick<State, 'flags' | 'dirtyFlags'>;

/** Accesses [min, end) from a value, checked at one place. `low` is the 32-bit address of min. */
export interface Group {
  min: number;
  end: number;
  write: boolean;
  /** Undefined once the check is written: its range stays then. The first access: its address, and that from the value; the flags then. */
  open:
    | {
        readonly hole: Hole;
        readonly place: FramePlace;
        readonly resume: number;
        readonly address: Node;
        readonly offset: number;
        readonly flags: Flags;
      }
    | undefined;
  readonly low: Node;
  /** What `low` is the address of, from the value: `min` if undefined. */
  readonly origin: number | undefined;
  /** The region's node it was made in. */
  readonly within: number;
  readonly accesses: { readonly at: Node; readonly offset: number }[];
}

/** Can [offset, offset + bytes) be part of the group? It grows if it is still open. `within`: the region's node that asks. */
export function covers(g: Group, offset: number, bytes: number, write: boolean, within: number): boolean {
  const min = Math.min(g.min, offset);
  const end = Math.max(g.end, offset + bytes);
  if (g.min === min && g.end === end && (!write || g.write)) return true;
  if (!g.open || end - min > (g.within === within ? SPAN : GUESSED_SPAN)) return false;
  // Of fixed addresses those of one page: there is no doubt then.
  if (g.origin !== undefined && Math.floor(min / L.PAGE) !== Math.floor((end - 1) / L.PAGE)) return false;
  // Whether code behind a branch writes there isn't known.
  if (write && !g.write && g.within !== within) return false;
  g.min = min;
  g.end = end;
  g.write ||= write;
  return true;
}

const rights = (c: Code, at: Node): Node => c.load('i32.load8_u', c.op('i32.shr_u', at, c.i32(12)), L.PERM);

/** Writes the group's check. */
export function close(frame: Frame, g: Group): void {
  const { open } = g;
  if (!open) return;
  g.open = undefined;
  for (const a of g.accesses) a.at.imm += a.offset - (g.origin ?? g.min);
  const bytes = g.end - g.min;
  const { c } = frame;
  const leave = (): void => {
    frame.flush(open.flags);
    frame.leave(c.i32(open.resume));
  };
  const leaveIf = (condition: Node): void =>
    open.flags.dirtyFlags
      ? c.unlikely(condition, () => frame.way(leave))
      : frame.leaveIf(condition, c.i32(open.resume));
  const write = (): void => {
    if (g.origin !== undefined) {
      const page = c.load('i32.load8_u', c.i32(0), L.PERM + Math.floor(g.min / L.PAGE));
      return leaveIf(c.op('i32.eqz', c.op('i32.and', page, c.i32(g.write ? L.W : L.R))));
    }
    const sum = c.moved(open.address, g.min - open.offset);
    g.low.a = sum;
    c.place(g.low);
    const page = rights(c, g.low);
    const may = (bits: number): Node => c.op('i32.and', page, c.i32(bits));
    const one = g.write ? L.W : L.R;
    // A branch for each condition, not one for what they make together: a comparison with its branch is one instruction.
    c.block((done) => {
      c.block((refused) => {
        if (!c.isNarrow(sum)) c.brUnlikely(refused, c.op('i64.ne', sum, c.op('i64.extend_i32_u', g.low)));
        if (bytes === 1) return c.brLikely(done, may(one));
        c.brLikely(done, may(g.write ? L.WW : L.RR));
        // The last page of many.
        c.brUnlikely(refused, c.op('i32.eqz', may(one)));
        const within = c.op('i32.and', g.low, c.i32(L.PAGE - 1));
        c.brLikely(done, c.op('i32.le_u', within, c.i32(L.PAGE - bytes)));
      });
      frame.way(leave);
    });
  };
  frame.at(open.place, () => c.fill(open.hole, write));
}
