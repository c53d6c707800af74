// Instructions retired are counted exactly: as many as there are steps when each is followed by the debug trap. Both ways leave the same state.
import { expect, test } from 'vitest';
import { Cpu } from '../../src/cpu/cpu.ts';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import * as L from '../../src/cpu/layout.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';
import { type Case, S } from './batch.ts';
import { Generator } from './generate.ts';
import { Subject } from './subject.ts';

const CASES = 300;
const DB = 1;

const { packed, handlers } = makeTables();
const parts = { module: new WebAssembly.Module(interpreterModule(handlers)), tables: readTables(packed) };

/** Runs the case: how many instructions retired, how many debug traps came, and what is left. */
function run(subject: Subject, cpu: Cpu, c: Case, flags: number): { retired: number; steps: number; state: Buffer } {
  c.state.writeUInt32LE(flags, S.rflags);
  const before = cpu.retired();
  let steps = 0;
  const state = Buffer.from(
    subject.alone(c, (exit) => {
      const trap = exit.kind === 'fault' && exit.vector === DB;
      if (trap) steps++;
      return trap && steps < 1000;
    }),
  );
  state.writeUInt32LE(state.readUInt32LE(S.rflags) & ~L.TF, S.rflags);
  return { retired: cpu.retired() - before, steps, state };
}

test('stepping through a sequence takes as many steps as it retires instructions, and leads to the same state', () => {
  const generator = new Generator(3, { kind: 'sequence' });
  const [whole, stepped] = [new Cpu(parts), new Cpu(parts)];
  const [a, b] = [new Subject(whole), new Subject(stepped)];
  for (let i = 0; i < CASES; i++) {
    const c = generator.make(i);
    // Repetitions take a step each; the flags that pushf stores would differ by TF.
    if (/rep|f3|f2|9c/.test(Buffer.from(c.code).toString('hex'))) continue;
    const flags = c.state.readUInt32LE(S.rflags);
    const one = run(a, whole, c, flags);
    const other = run(b, stepped, c, flags | L.TF);
    // The int3 behind the code is a step too, but it is no debug trap.
    expect({ index: i, steps: other.steps, retired: one.retired }).toEqual({
      index: i,
      steps: one.retired - (one.state.readUInt32LE(S.vector) === 3 ? 1 : 0),
      retired: other.retired,
    });
    expect(other.state.equals(one.state), `case ${i}`).toBe(true);
  }
});
