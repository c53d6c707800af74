// Changes to files that the host has: what a program sees is what it would see there, and the host's files stay as they are.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execute, noGuests, ROOT, underRing3 } from './native.ts';

const dir = mkdtempSync(join(tmpdir(), 'ring3-overlay-'));
const tree = join(dir, 'tree');
const LIST = `find . -printf '%p %y %n %m %l\\n' | sort; find . -type f -exec sum {} + | sort`;

/** What each case does, in the tree's own directory. */
const CASES: Readonly<Record<string, string>> = {
  'a directory of the host moves with all below it':
    'mv a moved; cat moved/b/deep; ls moved; mkdir a; ls -A a; mv moved/b a/c; cat a/c/deep',
  'directories change places': 'mv a t; mv d a; mv t d; cat d/b/deep a/x; echo new > d/b/new; rm a/x',
  'what is removed stays away, and its name is free':
    'rm file; ls; echo again > file; cat file; rm -r a; mkdir -p a/b; ls a/b; echo x > a/b/deep; cat a/b/deep',
  'both names of one file change together':
    'echo more >> hard1; cat hard2; stat -c %h hard1; rm hard1; stat -c %h hard2; cat hard2; ln hard2 hard3; echo 3 >> hard3; cat hard2; chmod 600 hard3; stat -c %a hard2',
  'a name in a moved directory is still one of two': 'mv d e; echo via >> e/hard4; cat hard1',
  'attributes change alone':
    'chmod 751 a file; touch -d @1000000 file; stat -c "%a %Y %s" a file; cat file; chmod 444 a/b/deep; cat a/b/deep',
  'contents change in place':
    'printf XX | dd of=big bs=1 seek=70000 conv=notrunc status=none; cmp -l big big.copy; truncate -s 100000 big; wc -c big; truncate -s 300000 big; sum big; tail -c 5 big | od -c',
  'a file is replaced while it is open':
    'exec 3< file; echo new > other; mv other file; cat <&3; cat file; rm a/b/deep; exec 4< hard1; rm hard1 hard2; cat <&4',
  'links of the host are followed and replaced':
    'cat link; cat dirlink/b/deep; ln -sf big link; readlink link; rm dirlink; mkdir dirlink; ls -A dirlink; mv link d/; readlink d/link; cat dangling; echo made > dangling; cat nowhere',
  'a full directory refuses to go': 'rmdir a; rm -d a; mv d/x a/b/deep; cat a/b/deep; rmdir d; ls d; mv file a; ls a',
  'moves onto what is there':
    'mv file big; sum big; mkdir empty; mv -T d empty; cat empty/x; mv -T empty a; mv -n hard1 hard2; ls',
  'a copy in the tree':
    'cp -a a copy; rm -r a; cat copy/b/deep; cp -r copy/b d; ls d/b; tar cf t.tar d; rm -r d; tar xf t.tar; cat d/b/deep; rm t.tar',
};

describe.skipIf(noGuests !== undefined)('files of the host', () => {
  beforeAll(async () => {
    const { setUp } = (await import(join(ROOT, 'tools/setup.js'))) as { setUp(root: string): Promise<void> };
    await setUp(ROOT);
    mkdirSync(tree);
    execFileSync('sh', [
      '-ec',
      `cd ${tree}; mkdir -p a/b d; echo deep > a/b/deep; echo x > d/x; echo text > file; chmod 644 file
       seq 40000 > big; cp big big.copy; echo hard > hard1; ln hard1 hard2; ln hard1 d/hard4; ln -s file link; ln -s a dirlink; ln -s nowhere dangling`,
    ]);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.concurrent.each(Object.entries(CASES))('%s', async (name, commands) => {
    const copy = join(dir, name.replace(/\W+/g, '-'));
    const run = `cd ${copy} && exec 2>&1; umask 022; ${commands}; ${LIST}`;
    const fresh = (): Buffer => execFileSync('cp', ['-a', tree, copy]);
    fresh();
    const native = await execute({ argv: ['/bin/sh', '-c', run] });
    rmSync(copy, { recursive: true });
    fresh();
    const before = execFileSync('sh', ['-c', `cd ${copy}; ${LIST}`], { encoding: 'utf8' });
    expect(await underRing3({ argv: ['/bin/sh', '-c', run] })).toEqual(native);
    expect(execFileSync('sh', ['-c', `cd ${copy}; ${LIST}`], { encoding: 'utf8' })).toBe(before);
  });
  test('the host changes while the program runs', async () => {
    const copy = join(dir, 'changing');
    cpSync(tree, copy, { recursive: true });
    const script = 'cat file; read go; cat file; ls; cat a/new';
    const child = underRing3({
      argv: ['/bin/sh', '-c', `cd ${copy}; while [ ! -e now ]; do sleep 0.05; done; ${script}`],
      stdin: 'go\n',
    });
    execFileSync('sh', ['-c', `cd ${copy}; sleep 1; echo changed > file; echo n > a/new; rm -r d; echo > now`]);
    const { stdout } = await child;
    expect(stdout).toContain('changed\nchanged\n');
    expect(stdout).toMatch(/\nn\n$/);
    expect(stdout).not.toMatch(/^d$/m);
    expect(existsSync(join(copy, 'now'))).toBe(true);
    expect(readFileSync(join(copy, 'file'), 'utf8')).toBe('changed\n');
  });
});
