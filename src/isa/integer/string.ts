// String instructions with every prefix. What is plainly allowed is done in one go. Else a repetition does one element after another, with registers up to
// date before each, so that a fault in the middle leaves what was done; forward movs and stos go by the page then where nothing overlaps.
import { op } from '../op.ts';
import { RAX, RCX, RDI, RSI, type Sem, type V } from '../sem.ts';
import { DF, TF } from '../state.ts';

type ElementWidth = 8 | 16 | 32 | 64;
interface Step {
  readonly w: ElementWidth;
  readonly source?: true;
  readonly target?: true;
  readonly compare?: true;
}

function step(b: Sem): V {
  const backward = b.rare(b.bit(b.restFlags(), b.k(32, 10)));
  return b.sel(backward, b.k(64, -(b.size / 8)), b.k(64, b.size / 8));
}
/** A register under the address mask: 32-bit addressing reads and writes its low half. */
const masked = (b: Sem, n: number, mask: V): V => b.and(b.gpr(n, 64), mask);

/** Repetitions, or pieces, after which others get their turn: however many there are to come, a signal must not wait for them. */
const AT_ONCE = 0x4000;

/** How `stringForm` calls rep and repe. */
const REPE = 1;

interface At {
  readonly source: V;
  readonly target: V;
}
interface Repetition {
  /** In one go. Gives 1, or of comparisons how many elements were looked at; 0 where nothing was done. */
  readonly whole: (count: V, at: At, repeat: V) => V;
  /** Those that go in one piece. */
  readonly chunk?: (count: V, at: At) => V;
}

function string(b: Sem, s: Step, body: (at: At) => void, repetition?: Repetition): void {
  const { mask, sourceBase, repeat } = b.stringForm();
  const by = step(b);
  const chunk = repetition?.chunk;
  const advance = (elements: V): void => {
    const bytes = b.mul(elements, by);
    if (s.source) b.setGpr(RSI, b.and(b.add(b.gpr(RSI, 64), bytes), mask));
    if (s.target) b.setGpr(RDI, b.and(b.add(b.gpr(RDI, 64), bytes), mask));
  };
  const addresses = (): At => ({
    source: b.add(masked(b, RSI, mask), sourceBase),
    target: masked(b, RDI, mask),
  });
  const one = (): void => {
    body(addresses());
    advance(b.k(64, 1));
  };
  const slowly = (): void => {
    // Stepped through, every repetition is a step.
    const most = b.c.tempVar('i32');
    const stepping = b.ne(b.and(b.restFlags(), b.k(32, TF)), b.k(32, 0));
    b.c.set(most, b.sel(stepping, b.k(32, 1), b.k(32, AT_ONCE)).n);
    b.c.block((done) => {
      b.c.loop((again) => {
        const left = masked(b, RCX, mask);
        b.c.brIf(done, b.isZero(left).n);
        b.if(b.isZero({ n: b.c.get(most), w: 32 }), () => b.exit('again'));
        b.c.set(most, b.sub({ n: b.c.get(most), w: 32 }, b.k(32, 1)).n);
        if (chunk) {
          const n = chunk(left, addresses());
          b.if(b.not(b.isZero(n)), () => {
            advance(n);
            b.setGpr(RCX, b.sub(left, n));
            b.c.br(again);
          });
        }
        one();
        b.setGpr(RCX, b.sub(left, b.k(64, 1)));
        if (s.compare) {
          // repe goes on while ZF is set, repne while it is clear.
          const stop = b.eq(b.zx(b.f.zf, 32), b.sub(repeat, b.k(32, 1)));
          b.c.brIf(done, stop.n);
        }
        b.c.br(again);
      });
    });
  };
  b.if(b.isZero(repeat), one, () => {
    if (!repetition) return b.if(b.rare(b.k(1, 1)), slowly);
    const left = b.gpr(RCX, 64);
    const plain = b.isZero(b.and(b.restFlags(), b.k(32, DF | TF)));
    const simple = b.and(b.eq(mask, b.k(64, -1)), plain);
    // Without any element a comparison leaves the flags as they are.
    const some = s.compare ? b.and(simple, b.ne(left, b.k(64, 0))) : simple;
    const n = b.ifElse(
      b.rare(b.not(some)),
      () => (s.compare ? b.k(64, 0) : b.k(1, 0)),
      () => repetition.whole(left, addresses(), repeat),
    );
    b.if(b.rare(b.isZero(n)), slowly, () => {
      if (!s.compare) {
        advance(left);
        return b.setGpr(RCX, b.k(64, 0));
      }
      const last = b.mul(b.sub(n, b.k(64, 1)), by);
      const { source, target } = addresses();
      body({ source: b.add(source, last), target: b.add(target, last) });
      advance(n);
      b.setGpr(RCX, b.sub(left, n));
    });
  });
}
/** 64 bits full of a value. */
function full(b: Sem, v: V): V {
  return v.w === 64 ? v : b.mul(b.zx(v, 64), b.k(64, (2n ** 64n - 1n) / (2n ** BigInt(v.w) - 1n)));
}
/** Elements that can go in one piece: within a page of each side, forward, at most what is left; 0 where one at a time is right. */
function pieces(b: Sem, left: V, ...sides: V[]): V {
  const shift = b.k(32, Math.log2(b.size / 8));
  let n = left;
  for (const a of sides) {
    const room = b.shr(b.sub(b.k(64, 4096), b.and(a, b.k(64, 4095))), shift);
    n = b.sel(b.ltu(room, n), room, n);
  }
  const plain = b.isZero(b.and(b.restFlags(), b.k(32, DF | TF)));
  return b.sel(plain, n, b.k(64, 0));
}

export const movs = op('movs', {
  enc: ['a4 Yb,Xb rep', 'a5 Yv,Xv rep'],
  access: ['a', 'a'],
  sem(b) {
    string(
      b,
      { w: b.size, source: true, target: true },
      ({ source, target }) => b.store(target, b.load(source, b.size)),
      {
        whole: (left, { source, target }) => b.strings('move', source, target, left),
        chunk: (left, { source, target }) => {
          const n = pieces(b, left, source, target);
          const bytes = b.shl(n, b.k(32, Math.log2(b.size / 8)));
          // Overlap with the target ahead of the source repeats a pattern: one element at a time does that.
          const distance = b.sub(target, source);
          const apart = b.and(b.not(b.ltu(distance, bytes)), b.ltu(b.k(64, 1), n));
          return b.ifElse(
            apart,
            () =>
              b.ifElse(
                b.movable(source, target, bytes),
                () => n,
                () => b.k(64, 0),
              ),
            () => b.k(64, 0),
          );
        },
      },
    );
  },
});
export const stos = op('stos', {
  enc: ['aa Yb,AL rep', 'ab Yv,rAX rep'],
  access: ['a', 'r'],
  sem(b, _t, a) {
    string(b, { w: b.size, target: true }, ({ target }) => b.store(target, a!), {
      whole: (left, { target }) => b.strings('fill', target, full(b, a!), left),
      ...(b.size === 8 && {
        chunk: (left: V, { target }: At) => {
          const n = pieces(b, left, target);
          return b.ifElse(
            b.fillable(target, a!, n),
            () => n,
            () => b.k(64, 0),
          );
        },
      }),
    });
  },
});
export const lods = op('lods', {
  enc: ['ac AL,Xb rep', 'ad rAX,Xv rep'],
  access: ['a', 'a'],
  sem: (b) => string(b, { w: b.size, source: true }, ({ source }) => b.setGpr(RAX, b.load(source, b.size))),
});
export const cmps = op('cmps', {
  enc: ['a6 Xb,Yb rep', 'a7 Xv,Yv rep'],
  access: ['a', 'a'],
  sem(b) {
    string(
      b,
      { w: b.size, source: true, target: true, compare: true },
      ({ source, target }) => {
        const y = b.load(target, b.size);
        const x = b.load(source, b.size);
        b.f.sub(b.sub(x, y), x, y);
      },
      {
        // As long as they differ: hardly anybody wants to know.
        whole: (left, { source, target }, repeat) =>
          b.ifElse(
            b.rare(b.ne(repeat, b.k(32, REPE))),
            () => b.k(64, 0),
            () => b.strings('compare', source, target, left),
          ),
      },
    );
  },
});
export const scas = op('scas', {
  enc: ['ae AL,Yb rep', 'af rAX,Yv rep'],
  access: ['r', 'a'],
  sem(b, a) {
    string(
      b,
      { w: b.size, target: true, compare: true },
      ({ target }) => {
        const y = b.load(target, b.size);
        b.f.sub(b.sub(a!, y), a!, y);
      },
      {
        whole: (left, { target }, repeat) =>
          b.ifElse(
            b.eq(repeat, b.k(32, REPE)),
            () => b.strings('scan', target, full(b, a!), left),
            () => b.strings('seek', target, full(b, a!), left),
          ),
      },
    );
  },
});
