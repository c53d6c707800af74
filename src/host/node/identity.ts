// Who runs us, as the first program is to see itself.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Host } from '../host.ts';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // No /proc here.
    return '';
  }
};
const field = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1];

type Identity = Host['identity'];

function capabilities(status: string): Identity['capabilities'] {
  const set = (name: string): bigint => BigInt(`0x${field(status, name) ?? '0'}`);
  if (field(status, 'CapEff') === undefined) return undefined;
  return {
    inheritable: set('CapInh'),
    permitted: set('CapPrm'),
    effective: set('CapEff'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
  };
}

/** /proc/PID/limits' names by RLIMIT_* number. */
const LIMITS = [
  'Max cpu time',
  'Max file size',
  'Max data size',
  'Max stack size',
  'Max core file size',
  'Max resident set',
  'Max processes',
  'Max open files',
  'Max locked memory',
  'Max address space',
  'Max file locks',
  'Max pending signals',
  'Max msgqueue size',
  'Max nice priority',
  'Max realtime priority',
  'Max realtime timeout',
];
const OPEN_FILES = 7;
function limits(): Identity['limits'] {
  const own = read('/proc/self/limits');
  if (own === '') return undefined;
  // Node raises its own limit on open files: what our parent has is what we were given.
  const above = read(`/proc/${process.ppid}/limits`);
  const value = (text: string): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text));
  return LIMITS.map((name, i) => {
    const text = i === OPEN_FILES && above ? above : own;
    const m = new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(text);
    return m ? { cur: value(m[1] as string), max: value(m[2] as string) } : undefined;
  });
}

export function hostIdentity(): Identity {
  const status = read('/proc/self/status');
  // Behind the command's name, which may have anything in it: state, parent, group, session.
  const stat = read('/proc/self/stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  const number = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);
  const groups = field(status, 'Groups');
  return {
    pid: process.pid,
    ppid: process.ppid,
    pgid: number(stat[2]),
    sid: number(stat[3]),
    uid: process.getuid?.() ?? 1000,
    gid: process.getgid?.() ?? 1000,
    euid: process.geteuid?.() ?? 1000,
    egid: process.getegid?.() ?? 1000,
    // Node's getgroups adds the effective group, which need not be one of them.
    groups: groups === undefined ? (process.getgroups?.() ?? []) : groups.split(' ').filter(Boolean).map(Number),
    capabilities: capabilities(status),
    limits: limits(),
    hostname: hostname(),
    cwd: Buffer.from(process.cwd()).toString('latin1'),
    umask: process.umask(),
  };
}
