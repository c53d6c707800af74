// The fuzzer's loop: the host runs a batch while the last one is compared, with each of our ways to run it and these with one another.
import type { Cpu } from '../../src/kernel/cpu.ts';
import { type Case, HANG, type Result, S } from './batch.ts';
import { compare, describe } from './compare.ts';
import type { Generator } from './generate.ts';
import type { Native } from './native.ts';
import { Random } from './random.ts';
import { shrink } from './shrink.ts';
import { type Left, type Slices, Subject } from './subject.ts';

export interface Difference {
  readonly case: Case;
  readonly what: readonly string[];
  readonly text: string;
}
export interface Summary {
  /** States compared, by instruction. */
  readonly compared: Map<string, number>;
  readonly skipped: number;
  readonly differences: readonly Difference[];
}
/** A CPU of ours, and what it is called. */
export interface Named {
  readonly name: string;
  readonly cpu: Cpu;
  /** Numbers that compiled code is told were too large or small for it before each case. */
  readonly beyond?: number;
}
const BATCH = 500;
/** Interruptions of a run at most. */
const MOST_SLICES = 2000;

/** Programs are interrupted, every other one, in its own rhythm: always the same one. */
function slicesOf(c: Case): Slices | undefined {
  if (!c.program || c.index % 2 === 0) return undefined;
  const r = new Random(c.seed ^ 0x51ced, c.index);
  const most = r.pick([1, 3, 20, 100, 1000]);
  let left = MOST_SLICES;
  return () => (left-- > 0 ? 1 + r.below(most) : undefined);
}
/** What the ways to run differ in, beside their results. */
function unlike(first: Left, other: Left, name: string): string[] {
  if (other.retired !== first.retired) return [`instructions: ${first.retired}, ${name} ${other.retired}`];
  const at = first.trail.findIndex((t, i) => t.some((x, k) => x !== other.trail[i]?.[k]));
  const text = (t: Left['trail'][number] | undefined): string =>
    t ? `${t[0]} instructions at ${t[1].toString(16)} (${(t[2] >>> 0).toString(16)})` : 'none';
  if (at >= 0) return [`interruption ${at}: ${text(first.trail[at])}, ${name} ${text(other.trail[at])}`];
  return first.trail.length === other.trail.length ? [] : ['interruptions differ in number'];
}

/** All differences of a case, each with the way to run it that has it. */
export function differences(c: Case, host: Result, subjects: readonly Subject[]): { by: string; what: string }[] {
  const found: { by: string; what: string }[] = [];
  let first: Left | undefined;
  for (const s of subjects) {
    if (c.program) s.forget();
    const left = s.run(c, host, slicesOf(c));
    for (const what of compare(c, host, left)) found.push({ by: s.name, what });
    if (first) for (const what of unlike(first, left, s.name)) found.push({ by: s.name, what });
    // Its state is overwritten by nobody else's.
    else first = left;
  }
  return found;
}

/**
 * Compares cases first, first + 1, ... of the generator until `enough` says so (asked before each batch with the number compared), or more than `most`
 * differences have come up. Programs that differ are made small.
 */
export async function fuzz(options: {
  readonly native: Native;
  readonly cpus: readonly Named[];
  readonly generator: Generator;
  readonly first: number;
  readonly enough: (count: number) => boolean;
  readonly most: number;
  /** Cases the host is given at a time. */
  readonly batch?: number;
}): Promise<Summary> {
  const { native, generator } = options;
  const subjects = options.cpus.map(({ name, cpu, beyond }) => new Subject(cpu, name, beyond));
  const compared = new Map<string, number>();
  const found: Difference[] = [];
  let skipped = 0;
  let next = options.first;
  const start = (): { cases: Case[]; results: Promise<Result[]> } | undefined => {
    if (options.enough(next - options.first) || found.length > options.most) return undefined;
    const cases = Array.from({ length: options.batch ?? BATCH }, () => generator.make(next++));
    return { cases, results: native.run(cases) };
  };
  for (let batch = start(); batch; ) {
    const results = await batch.results;
    const following = start();
    for (const [i, c] of batch.cases.entries()) {
      const host = results[i] as Result;
      if (host.state.readUInt32LE(S.vector) === HANG) {
        skipped++;
        continue;
      }
      const list = differences(c, host, subjects);
      compared.set(c.name, (compared.get(c.name) ?? 0) + 1);
      if (!list.length) continue;
      const small =
        found.length < 3 ? await shrink(c, list, native, subjects, generator.instructions) : { case: c, host };
      const what = (small.case === c ? list : differences(small.case, small.host, subjects)).map(
        (d) => `${d.by}: ${d.what}`,
      );
      found.push({ case: small.case, what, text: describe(small.case, small.host) });
    }
    batch = following;
  }
  return { compared, skipped, differences: found };
}
