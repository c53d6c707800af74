// The fuzzer's loop: the host runs a batch while the last one is compared.
import type { Cpu } from '../../src/kernel/cpu.ts';
import { type Case, HANG, type Result, S } from './batch.ts';
import { compare, describe } from './compare.ts';
import type { Generator } from './generate.ts';
import type { Native } from './native.ts';
import { Subject } from './subject.ts';

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
const BATCH = 500;

/**
 * Compares cases first, first + 1, ... of the generator until `enough` says so (asked before each batch with the number compared), or more than `most`
 * differences have come up.
 */
export async function fuzz(options: {
  readonly native: Native;
  readonly cpu: Cpu;
  readonly generator: Generator;
  readonly first: number;
  readonly enough: (count: number) => boolean;
  readonly most: number;
}): Promise<Summary> {
  const { native, generator } = options;
  const subject = new Subject(options.cpu);
  const compared = new Map<string, number>();
  const differences: Difference[] = [];
  let skipped = 0;
  let next = options.first;
  const start = (): { cases: Case[]; results: Promise<Result[]> } | undefined => {
    if (options.enough(next - options.first) || differences.length > options.most) return undefined;
    const cases = Array.from({ length: BATCH }, () => generator.make(next++));
    return { cases, results: native.run(cases) };
  };
  for (let batch = start(); batch; ) {
    const results = await batch.results;
    const following = start();
    batch.cases.forEach((c, i) => {
      const host = results[i] as Result;
      if (host.state.readUInt32LE(S.vector) === HANG) {
        skipped++;
        return;
      }
      const what = compare(c, host, subject.run(c, host));
      compared.set(c.name, (compared.get(c.name) ?? 0) + 1);
      if (what.length) differences.push({ case: c, what, text: describe(c, host) });
    });
    batch = following;
  }
  return { compared, skipped, differences };
}
