// Makes a failing program small: whatever can be taken away while the same ways to run it still differ, is.
import type { Case, Result } from './batch.ts';
import { HANG, S } from './batch.ts';
import type { Instructions } from './generate.ts';
import { programCase } from './grow.ts';
import type { Native } from './native.ts';
import { type Program, type Split, smaller } from './program.ts';
import { differences } from './run.ts';
import type { Subject } from './subject.ts';

/** Candidates the host is asked about at a time. */
const TOGETHER = 40;
/** Candidates tried at most. */
const MOST = 4000;

/** The ways to run it that differ, and whether in more than flags: what is left after a cut may have flags undefined. */
function signature(found: readonly { by: string; what: string }[]): string {
  const ways = new Set(found.map((d) => d.by));
  return `${[...ways].sort().join()} ${found.every((d) => d.what.startsWith('flags'))}`;
}

export async function shrink(
  c: Case,
  found: readonly { by: string; what: string }[],
  native: Native,
  subjects: readonly Subject[],
  instructions: Instructions,
): Promise<{ case: Case; host: Result }> {
  const host = ((await native.run([c])) as [Result])[0];
  const given = { case: c, host };
  const p = c.program;
  if (!p) return given;
  const split: Split = (bytes) => {
    const list: number[][] = [];
    for (let at = 0; at < bytes.length; ) {
      const n = instructions.decode(Uint8Array.from(bytes.slice(at))).length || bytes.length;
      list.push(bytes.slice(at, at + n));
      at += n;
    }
    return list;
  };
  const wanted = signature(found);
  const base = { state: c.state, pieces: c.data ?? [] };
  let best = given;
  let now: Program = p;
  let tried = 0;
  for (let better = true; better && tried < MOST; ) {
    better = false;
    let group: Case[] = [];
    const candidates = smaller(now, split);
    for (let done = false; !done && tried < MOST; ) {
      const next = candidates.next();
      done = next.done === true;
      const made = next.done ? undefined : programCase(next.value, base);
      if (made) group.push({ ...made, seed: c.seed, index: c.index });
      if (!group.length || (!done && group.length < TOGETHER)) continue;
      tried += group.length;
      const results = await native.run(group);
      const at = group.findIndex((x, i) => {
        const result = results[i] as Result;
        if (result.state.readUInt32LE(S.vector) === HANG) return false;
        const list = differences(x, result, subjects);
        return list.length > 0 && signature(list) === wanted;
      });
      if (at >= 0) {
        best = { case: group[at] as Case, host: results[at] as Result };
        now = best.case.program as Program;
        better = true;
        break;
      }
      group = [];
    }
  }
  return best;
}
