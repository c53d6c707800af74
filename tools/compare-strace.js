// Compares our trace of a program with the real strace's: `npm run compare-strace -- [STRACE OPTION...] PROGRAM [ARG...]`, or `-- --all` for the commands in
// test/strace-commands.txt. What must differ (addresses, process numbers, times, random bytes) is put in one form first.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Numbers from here on are taken for addresses, where the two traces differ. */
const FIRST_ADDRESS = 0x10_0000;
const TIMEOUT = 60_000;
/** Our CPU is of level v2: the C library is to take the host's for one as well, or it looks for libraries in other places. */
const environment = { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX2' };

/** Puts what belongs to one run only in a form that all runs share. */
export function normalise(trace) {
  return withoutAddresses(shared(trace));
}
const ADDRESS = /(?<![\w.])0x[0-9a-f]{6,16}\b/g;
const isAddress = (n) => Number(n) >= FIRST_ADDRESS;
const withoutAddresses = (text) => text.replace(ADDRESS, (n) => (isAddress(n) ? 'ADDRESS' : n));
function shared(trace) {
  const pids = new Map();
  for (const [, pid] of trace.matchAll(/^(?:\d+ +)?(?:set_tid_address|gettid|getpid)\(.*\) += (\d+)$/gm))
    if (!pids.has(pid)) pids.set(pid, `PID${pids.size + 1}`);
  for (const [, pid] of trace.matchAll(/^(\d+) +\w+\(/gm)) if (!pids.has(pid)) pids.set(pid, `PID${pids.size + 1}`);
  let text = trace;
  for (const [pid, name] of pids) text = text.replace(new RegExp(`(?<![\\w.])${pid}(?![\\w.])`, 'g'), name);
  return (
    withoutProc(text)
      // What the kernel says of itself, and the time of day in a program's output.
      .replace(/"(Linux \S+) \d[^"]*"\.\.\., \d+\) = \d+/g, '"$1 KERNEL"')
      .replace(/\d\d:\d\d:\d\d/g, 'CLOCK')
      // Free space and files, and how many processors there are.
      .replace(/\b(f_blocks|f_bfree|f_bavail|f_files|f_ffree)=\d+/g, '$1=N')
      .replace(/f_fsid=\{val=\[\w+, \w+\]\}/g, 'f_fsid=ID')
      .replace(/^(sched_getaffinity\(.*)\[[\d ]+\](\) += )\d+$/gm, '$1[CPUS]$2N')
      .replace(/\b(tv_sec|tv_nsec|tv_usec)=\d+/g, (all, field, at) => (timeIsOutput(text, at) ? `${field}=TIME` : all))
      .replace(/^(getrandom\()"[^"]*"(?:\.\.\.)?/gm, '$1RANDOM')
      .replace(/^((?:getppid|getpgrp|getpgid|getsid)\(.*\) += )\d+$/gm, '$1PID')
      .replace(/^((?:time|times)\(.*\) += )-?\d+.*$/gm, '$1TIME')
      .replace(/\btms_(\w+)=\d+/g, 'tms_$1=TIME')
      .replace(/^(sysinfo\().*(\) += 0)$/gm, '$1{...}$2')
      .replace(/ +(= )/g, ' $1')
  );
}
/** What is read from /proc and /dev/urandom is the kernel's own, and its length as well; how often the memory map is read, into how much, too. */
function withoutProc(text) {
  const open = new Set();
  return text
    .replace(
      /^((?:\d+ +)?openat\(AT_FDCWD, "\/proc\/self\/maps".*\n)[\s\S]*?\n((?:\d+ +)?close\(\d+\) += 0\n)(?:\d+ +)?munmap\(.*\n/gm,
      '$1$2',
    )
    .split('\n')
    .map((line) => {
      const opened = /^(?:\d+ +)?openat\(AT_FDCWD, "\/(?:proc\/|dev\/u?random).* = (\d+)$/.exec(line);
      if (opened) open.add(opened[1]);
      const closed = /^(?:\d+ +)?close\((\d+)\)/.exec(line);
      if (closed) open.delete(closed[1]);
      const read = /^((?:\d+ +)?read\((\d+), )".*"(?:\.\.\.)?, (\d+)\) += [1-9]\d*$/.exec(line);
      return read && open.has(read[2]) ? `${read[1]}PROC, ${read[3]}) = N` : line;
    })
    .join('\n');
}
/** Times that a call was given are the program's own; those it got are the run's. */
function timeIsOutput(text, at) {
  const line = text.slice(text.lastIndexOf('\n', at) + 1, at);
  return (
    /^(?:\d+ +)?(?:<\.\.\. )?(?:clock_gettime|gettimeofday|getrusage|wait4|clock_getres)\b/.test(line) ||
    /=> \{[^}]*$/.test(line)
  );
}

/** Addresses by their first appearance: the same program maps and reuses the same things in the same order. */
export function addressPattern(trace) {
  const seen = new Map();
  // Where the stack lies is drawn by lot, down to its alignment.
  const top = Number(/^execve\(.*, (0x[0-9a-f]+) \/\* /.exec(trace)?.[1] ?? 0);
  const onStack = (n) => Math.abs(Number(n) - top) < 0x80_0000 || Number(n) > 0x7ff0_0000_0000;
  return shared(trace)
    .split('\n')
    .map((line) =>
      (line.match(ADDRESS) ?? [])
        .filter((n) => isAddress(n) && !onStack(n))
        .map((n) => {
          if (!seen.has(n)) seen.set(n, seen.size);
          return seen.get(n);
        })
        .join(' '),
    );
}

/** Runs one command under both; gives both traces, outputs and endings. */
export function traceBoth(command, options = []) {
  const dir = mkdtempSync(join(tmpdir(), 'compare-strace-'));
  const work = join(dir, 'work');
  const run = (name, argv) => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    const out = openSync(join(dir, 'output'), 'w');
    const r = spawnSync(argv[0], [...argv.slice(1), ...options, '-o', join(dir, name), ...command], {
      stdio: ['ignore', out, 'pipe'],
      cwd: work,
      env: environment,
      timeout: TIMEOUT,
      encoding: 'utf8',
    });
    closeSync(out);
    const read = (file) => {
      try {
        return readFileSync(join(dir, file), 'latin1');
      } catch {
        return '';
      }
    };
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
export function difference(native, ours) {
  const dir = mkdtempSync(join(tmpdir(), 'compare-strace-'));
  writeFileSync(join(dir, 'strace'), native);
  writeFileSync(join(dir, 'ring3'), ours);
  const r = spawnSync('diff', ['-U', '1', '--label', 'strace', '--label', 'ring3', 'strace', 'ring3'], {
    cwd: dir,
    encoding: 'utf8',
  });
  rmSync(dir, { recursive: true });
  return r.stdout;
}
/** What differs between the traces of one command; empty where nothing does. */
export function compare(command, options = []) {
  const { native, ours } = traceBoth(command, options);
  const parts = [difference(normalise(native.trace), normalise(ours.trace))];
  if (!parts[0]) {
    const a = addressPattern(native.trace);
    const b = addressPattern(ours.trace);
    const at = a.findIndex((x, i) => x !== b[i]);
    if (at >= 0)
      parts.push(
        `addresses are used differently from line ${at + 1} on:\n-${native.trace.split('\n')[at]}\n+${ours.trace.split('\n')[at]}\n`,
      );
  }
  if (native.status !== ours.status || native.signal !== ours.signal)
    parts.push(`ending: strace ${native.signal ?? native.status}, ring3 ${ours.signal ?? ours.status}\n${ours.errors}`);
  return { text: parts.filter(Boolean).join(''), lines: native.trace.split('\n').length - 1 };
}

function main(args) {
  const listed = args[0] === '--all';
  const list = listed
    ? readFileSync(join(root, 'test/strace-commands.txt'), 'utf8')
        .split('\n')
        .filter((l) => l && !l.startsWith('#'))
        .map((l) => ({
          name: l,
          options: [],
          command: l.includes("'") || l.includes('|') ? shellWords(l) : l.split(' '),
        }))
    : [];
  if (!listed) {
    const at = args.findIndex((a) => !a.startsWith('-'));
    if (at < 0) {
      console.error('usage: npm run compare-strace -- [STRACE OPTION...] PROGRAM [ARG...]   (or --all)');
      return 2;
    }
    list.push({ name: args.slice(at).join(' '), options: args.slice(0, at), command: args.slice(at) });
  }
  let differing = 0;
  for (const { name, options, command } of list) {
    const { text, lines } = compare(command, options);
    console.log(`${text ? 'DIFF ' : 'equal'} ${name} (${lines} lines)`);
    if (text) {
      differing++;
      if (!args.includes('--quiet')) console.log(text);
    }
  }
  if (listed) console.log(`${list.length - differing} of ${list.length} equal`);
  return differing ? 1 : 0;
}
/** Words with single quotes, as in a shell. */
function shellWords(line) {
  return [...line.matchAll(/'([^']*)'|[^\s']+/g)].map((m) => m[1] ?? m[0]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
