// Compares our trace of a program with the real strace's: `npm run compare-strace -- [STRACE OPTION...] PROGRAM [ARG...]`, or `-- --all` for the commands in
// test/strace-commands.txt. What must differ (addresses, process numbers, times, random bytes) is put in one form first.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressPattern, normalise } from './normalise-strace.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TIMEOUT = 60_000;
/** Our CPU is of level v2: the C library is to take the host's for one as well, or it looks for libraries in other places. */
const environment = { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX2' };

/** Runs one command under both, each in an empty directory of the same name; gives traces, outputs and endings. */
export function traceBoth(command, options = []) {
  const dir = mkdtempSync(join(tmpdir(), 'compare-strace-'));
  const work = join(dir, 'work');
  const read = (file) => {
    try {
      return readFileSync(join(dir, file), 'latin1');
    } catch {
      return '';
    }
  };
  const run = (name, argv) => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    const out = openSync(join(dir, 'output'), 'w');
    const r = spawnSync(argv[0], [...argv.slice(1), ...options, '-o', join(dir, name), ...command], {
      cwd: work,
      env: environment,
      stdio: ['ignore', out, 'pipe'],
      timeout: TIMEOUT,
      encoding: 'utf8',
    });
    closeSync(out);
    return { trace: read(name), output: read('output'), errors: r.stderr, status: r.status, signal: r.signal };
  };
  try {
    return {
      native: run('native', ['strace']),
      ours: run('ours', [process.execPath, join(root, 'bin/ring3'), 'strace']),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
/** A unified difference of two texts, empty where there is none. */
function difference(native, ours) {
  const dir = mkdtempSync(join(tmpdir(), 'compare-strace-'));
  writeFileSync(join(dir, 'strace'), native);
  writeFileSync(join(dir, 'ring3'), ours);
  const labels = ['--label', 'strace', '--label', 'ring3'];
  const r = spawnSync('diff', ['-U', '1', ...labels, 'strace', 'ring3'], { cwd: dir, encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  return r.stdout;
}
/** What differs between the traces of one command; an empty text where nothing does. */
export function compare(command, options = []) {
  const { native, ours } = traceBoth(command, options);
  if (!native.trace) return { text: `strace gives no trace: ${native.errors}\n`, lines: 0 };
  const parts = [difference(normalise(native.trace), normalise(ours.trace))];
  // Without the first execve nothing tells where the stack is.
  if (!parts[0] && /^(?:\d+ +)?(?:\[ *\d+\] )?execve\(.*0x/.test(ours.trace)) {
    const a = addressPattern(native.trace);
    const b = addressPattern(ours.trace);
    const at = a.findIndex((x, i) => x !== b[i]);
    if (at >= 0) {
      const lines = [native.trace, ours.trace].map((t) => normalise(t).split('\n')[at]);
      parts.push(`addresses are used differently from here on (${a[at]}; ${b[at]}):\n-${lines[0]}\n+${lines[1]}\n`);
    }
  }
  if (native.status !== ours.status || native.signal !== ours.signal)
    parts.push(`ending: strace ${native.signal ?? native.status}, ring3 ${ours.signal ?? ours.status}\n${ours.errors}`);
  return { text: parts.filter(Boolean).join(''), lines: native.trace.split('\n').length - 1 };
}

/** The commands of the list, in words; single quotes as in a shell. */
export const listed = () =>
  readFileSync(join(root, 'test/strace-commands.txt'), 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => ({ name: line, command: [...line.matchAll(/'([^']*)'|[^\s']+/g)].map((m) => m[1] ?? m[0]) }));

function main(args) {
  const flags = args.filter((a) => a === '--all' || a === '--quiet');
  const rest = args.filter((a) => !flags.includes(a));
  const at = rest.findIndex((a) => !a.startsWith('-'));
  const options = at < 0 ? rest : rest.slice(0, at);
  if (at < 0 && !flags.includes('--all')) {
    console.error('usage: npm run compare-strace -- [STRACE OPTION...] PROGRAM [ARG...]   (or --all [--quiet])');
    return 2;
  }
  const list = flags.includes('--all') ? listed() : [{ name: rest.slice(at).join(' '), command: rest.slice(at) }];
  let differing = 0;
  for (const { name, command } of list) {
    const { text, lines } = compare(command, options);
    console.log(`${text ? 'DIFF ' : 'equal'} ${name} (${lines} lines)`);
    if (!text) continue;
    differing++;
    if (!flags.includes('--quiet')) console.log(text);
  }
  if (list.length > 1) console.log(`${list.length - differing} of ${list.length} equal`);
  return differing ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
