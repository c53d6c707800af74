import { describe, expect, test } from 'vitest';
import type { Type } from '../../abi/type.ts';
import { syscalls } from '../../kernel/syscalls/index.ts';
import { formatOf } from '../format.ts';
import { calls, decoders, integers } from './index.ts';

/** Forms of integers that format.ts has itself. */
const BASIC = ['dec', 'hex', 'oct', 'enum', 'flags', 'fd', 'dirfd', 'pid', 'uid', 'signal', 'addr', 'ignored'];
/** Types within a type. */
function* within(t: Type): Generator<Type> {
  yield t;
  if (t.k === 'ptr') yield* within(t.to);
  else if (t.k === 'array') yield* within(t.of);
  else if (t.k === 'struct') for (const f of Object.values(t.fields)) yield* within(f);
  else if (t.k === 'switch') for (const c of [...t.cases.values(), t.other]) yield* within(c);
}

describe('every call the kernel has', () => {
  test('has a formatter', () => {
    for (const s of syscalls) for (const abi of ['x64', 'i386'] as const) expect(formatOf(s, abi)).toBeDefined();
  });
  test('names decoders that are there', () => {
    const absent = syscalls.flatMap((s) => {
      const own = calls[s.name];
      if (own?.enter) return [];
      return Object.entries(s.args).flatMap(([name, t]) =>
        own?.args?.[name]
          ? []
          : [...within(t)].flatMap((u) =>
              u.k === 'custom' && !decoders[u.decoder] ? [`${s.name}.${name}: ${u.decoder}`] : [],
            ),
      );
    });
    expect(absent).toEqual([]);
  });
  test('names forms of integers that are there', () => {
    const absent = syscalls.flatMap((s) =>
      Object.values({ ...s.args, ...(s.returns ? { returns: s.returns } : {}) }).flatMap((t) =>
        [...within(t)].flatMap((u) =>
          u.k === 'int' && !BASIC.includes(u.show) && !integers[u.show] ? [`${s.name}: ${u.show}`] : [],
        ),
      ),
    );
    expect([...new Set(absent)]).toEqual([]);
  });
  test('is decoded by the arguments it has', () => {
    // A decoder may serve several calls: at least one of the arguments it names must be there.
    const wrong = Object.entries(calls).flatMap(([name, d]) => {
      const args = syscalls.filter((s) => s.name === name).flatMap((s) => Object.keys(s.args));
      return !args.length || !d?.args || Object.keys(d.args).some((a) => args.includes(a)) ? [] : [name];
    });
    expect(wrong).toEqual([]);
  });
});
