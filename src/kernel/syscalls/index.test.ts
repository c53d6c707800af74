import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Abi } from '../../abi/type.ts';
import { byNumber, syscalls, tables } from './index.ts';

const HEADERS: Readonly<Record<Abi, string>> = {
  x64: '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  i386: '/usr/include/x86_64-linux-gnu/asm/unistd_32.h',
};
describe('the table of system calls', () => {
  it.each(['x64', 'i386'] as const)('has each %s number once', (abi) => {
    expect(() => byNumber(abi)).not.toThrow();
    expect(tables[abi].filter((s) => s).length).toBeGreaterThan(30);
  });
  it.each(['x64', 'i386'] as const)("has the numbers of the host's headers (%s)", (abi) => {
    if (!existsSync(HEADERS[abi])) return;
    const text = readFileSync(HEADERS[abi], 'utf8');
    const numbers = new Map([...text.matchAll(/#define __NR_(\w+) (\d+)/g)].map((m) => [m[1], Number(m[2])]));
    const wrong = syscalls
      .filter((s) => s.nr[abi] !== undefined && numbers.has(s.name) && numbers.get(s.name) !== s.nr[abi])
      .map((s) => `${s.name}: ${s.nr[abi]}, the header has ${numbers.get(s.name)}`);
    expect(wrong).toEqual([]);
  });
  it("knows every call of the host's headers", () => {
    if (!existsSync(HEADERS.x64)) return;
    const text = readFileSync(HEADERS.x64, 'utf8');
    const unknown = [...text.matchAll(/#define __NR_(\w+) (\d+)/g)].filter((m) => !tables.x64[Number(m[2])]);
    expect(unknown.map((m) => m[1])).toEqual([]);
  });
  it('has each call in a test', () => {
    const words = new Set<string>();
    const read = (dir: string): void => {
      for (const e of readdirSync(dir, { withFileTypes: true })) {
        const at = join(dir, e.name);
        if (e.isDirectory()) read(at);
        else if (/\.([chS]|test\.ts)$/.test(e.name))
          for (const m of readFileSync(at, 'utf8').matchAll(/\w+/g)) words.add(m[0].replace(/^SYS_/, ''));
      }
    };
    read(join(import.meta.dirname, '../../../test'));
    read(join(import.meta.dirname, '../..'));
    expect(syscalls.filter((s) => s.call && s.nr.x64 !== undefined && !words.has(s.name)).map((s) => s.name)).toEqual(
      [],
    );
  });
  it('has a body or a reason for each', () => {
    expect(syscalls.filter((s) => !s.call && !s.absent).map((s) => s.name)).toEqual([]);
  });
});
