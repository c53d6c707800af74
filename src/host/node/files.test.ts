import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NodeFiles } from './files.ts';

const dir = mkdtempSync(join(tmpdir(), 'ring3-files-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('a file opened again is the same one until the path is asked about, or time passes', () => {
  const files = new NodeFiles();
  const path = join(dir, 'file');
  const contents = (): string => {
    const file = files.open(path);
    const into = new Uint8Array(16);
    const n = file.pread(into, 0);
    file.close();
    return Buffer.from(into.subarray(0, n)).toString();
  };
  const replace = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  replace('one');
  expect(contents()).toBe('one');
  replace('two');
  expect(contents()).toBe('one');
  files.lstat(path);
  expect(contents()).toBe('two');
  replace('three');
  files.pass();
  expect(contents()).toBe('three');
});

test.runIf(process.platform === 'linux')('descriptors of closed files are given back', () => {
  const files = new NodeFiles();
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  const opened = Array.from({ length: 100 }, (_, i) => {
    writeFileSync(join(dir, `${i}`), '');
    return files.open(join(dir, `${i}`));
  });
  for (const file of opened) file.close();
  expect(open()).toBeLessThan(before + 100);
  files.pass();
  expect(open()).toBe(before);
});
