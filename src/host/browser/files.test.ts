// Trees in memory, and archives read into them.
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostError } from '../host.ts';
import { type Files, type MemoryFiles, treeOf } from './files.ts';
import { readTar } from './tar.ts';

const tree = (files: Files): MemoryFiles => treeOf(files, 1_700_000_000_000);
const text = (files: MemoryFiles, path: string): string => {
  const into = new Uint8Array(1000);
  return new TextDecoder().decode(into.subarray(0, files.open(path).pread(into, 0)));
};

test('files, directories on the way, links', () => {
  const files = tree({
    '/a/b/text': 'é',
    '/a/b/again': { link: '/a/b/text' },
    '/a/to': { symlink: 'b/text' },
    '/bin/script': '#!/bin/sh\n',
    '/a': { directory: true, mode: 0o700, uid: 5 },
    '/naïve': '',
  });
  expect(files.readdir('/')).toEqual(['dev', 'proc', 'tmp', 'a', 'bin', 'na\xc3\xafve']);
  expect(files.lstat('/a')).toMatchObject({ mode: 0o040700, uid: 5, nlink: 3 });
  expect(files.lstat('/a/b/text')).toMatchObject({
    mode: 0o100644,
    size: 2,
    nlink: 2,
    mtimeNs: 1_700_000_000_000_000_000n,
  });
  expect(files.lstat('/a/b/again')?.ino).toBe(files.lstat('/a/b/text')?.ino);
  expect(files.lstat('/bin/script')?.mode).toBe(0o100755);
  expect(files.readlink('/a/to')).toBe('b/text');
  expect(text(files, '/a/b/again')).toBe('é');
  expect(files.lstat('/a/to')?.mode).toBe(0o120777);
  expect(files.lstat('/nowhere/at/all')).toBeUndefined();
  expect(() => files.open('/nowhere')).toThrow(HostError);
  expect(() => files.readdir('/bin/script')).toThrow('ENOTDIR');
  expect(() => files.readlink('/bin/script')).toThrow('EINVAL');
  expect(files.open('/bin/script').pread(new Uint8Array(2), 100)).toBe(0);
});
test.each<[string, Files]>([
  ['must begin with /', { relative: '' }],
  ['without . and ..', { '/a/../b': '' }],
  ['is not a directory', { '/a': '', '/a/b': '' }],
  ['a directory and a file', { '/a/b': '', '/a': '' }],
  ['no file of the tree', { '/a': { link: '/b' } }],
])('what can’t be is refused: %s', (message, files) => {
  expect(() => tree(files)).toThrow(message);
});

const formats = spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU')
  ? ['ustar', 'gnu', 'pax']
  : [];
test.each(formats)('tar archives: %s', (format) => {
  const dir = mkdtempSync(join(tmpdir(), 'ring3-tar-'));
  try {
    // Longer than a header has room for; ustar splits it into a prefix and a name.
    const deep = format === 'ustar' ? `${'d'.repeat(70)}/${'f'.repeat(70)}` : `${'d'.repeat(120)}/${'f'.repeat(120)}é`;
    mkdirSync(join(dir, deep.split('/')[0] as string), { mode: 0o750 });
    writeFileSync(join(dir, deep), 'deep', { mode: 0o640 });
    utimesSync(join(dir, deep), 1_600_000_000, 1_600_000_000);
    writeFileSync(join(dir, 'big'), Buffer.alloc(1300, 'x'));
    linkSync(join(dir, 'big'), join(dir, 'same'));
    symlinkSync('big', join(dir, 'soft'));
    const made = join(dir, '..', `${dir.split('/').pop()}.tar`);
    const owner = ['--owner=7', '--group=8', '--sort=name'];
    expect(spawnSync('tar', ['-cf', made, `--format=${format}`, ...owner, '-C', dir, '.']).status).toBe(0);
    const archive = readFileSync(made);
    rmSync(made);
    const read = readTar(archive);
    expect(Object.keys(read).sort()).toEqual(
      ['/', '/big', `/${deep.split('/')[0]}`, `/${deep}`, '/same', '/soft'].sort(),
    );
    expect(read[`/${deep}`]).toMatchObject({ mode: 0o640, mtime: 1_600_000_000_000, uid: 7, gid: 8 });
    const files = tree(read);
    expect(text(files, `/${Buffer.from(deep).toString('latin1')}`)).toBe('deep');
    expect(files.lstat('/same')).toMatchObject({ size: 1300, nlink: 2 });
    expect(files.readlink('/soft')).toBe('big');
    expect(() => readTar(archive.subarray(0, 300))).toThrow(TypeError);
    expect(() => readTar(Buffer.alloc(1024, 'x'))).toThrow('no header at byte 0');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
