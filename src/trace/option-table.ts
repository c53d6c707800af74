// The options of strace's command line, by their short and long names.
import type { Option } from './getopt.ts';

export type Key =
  | 'env'
  | 'attach'
  | 'user'
  | 'argv0'
  | 'detach-on'
  | 'daemonize'
  | 'follow-forks'
  | 'output-separately'
  | 'interruptible'
  | 'trace'
  | 'signal'
  | 'status'
  | 'trace-path'
  | 'successful-only'
  | 'failed-only'
  | 'columns'
  | 'expression'
  | 'abbrev'
  | 'verbose'
  | 'raw'
  | 'read'
  | 'write'
  | 'quiet'
  | 'quiet-one'
  | 'kvm'
  | 'decode-fds'
  | 'decode-fds-one'
  | 'decode-pids'
  | 'comm'
  | 'pidns'
  | 'instruction-pointer'
  | 'stack-traces'
  | 'syscall-number'
  | 'arg-names'
  | 'always-show-pid'
  | 'output'
  | 'append'
  | 'relative'
  | 'string-limit'
  | 'absolute'
  | 'absolute-one'
  | 'duration'
  | 'no-abbrev'
  | 'strings-in-hex'
  | 'hex-one'
  | 'const-print-style'
  | 'summary-only'
  | 'summary'
  | 'overhead'
  | 'summary-sort-by'
  | 'summary-columns'
  | 'wall'
  | 'inject'
  | 'fault'
  | 'debug'
  | 'help'
  | 'seccomp-bpf'
  | 'tips'
  | 'version';
const o = (
  key: Key,
  short: string | undefined,
  long: string | undefined,
  argument: Option<Key>['argument'] = 'none',
): Option<Key> => ({
  key,
  argument,
  ...(short ? { short } : {}),
  ...(long ? { long } : {}),
});
/** In strace's order, which an ambiguous abbreviation's message shows. */
export const OPTIONS: readonly Option<Key>[] = [
  o('columns', 'a', 'columns', 'required'),
  o('append', 'A', 'output-append-mode'),
  o('detach-on', 'b', 'detach-on', 'required'),
  o('summary-only', 'c', 'summary-only'),
  o('summary', 'C', 'summary'),
  o('debug', 'd', 'debug'),
  o('daemonize', 'D', 'daemonize', 'optional'),
  o('expression', 'e', undefined, 'required'),
  o('env', 'E', 'env', 'required'),
  o('follow-forks', 'f', 'follow-forks'),
  o('follow-forks', 'F', undefined),
  o('output-separately', undefined, 'output-separately'),
  o('help', 'h', 'help'),
  o('instruction-pointer', 'i', 'instruction-pointer'),
  o('interruptible', 'I', 'interruptible', 'required'),
  o('stack-traces', 'k', 'stack-traces'),
  o('syscall-number', 'n', 'syscall-number'),
  o('arg-names', 'N', 'arg-names'),
  o('always-show-pid', undefined, 'always-show-pid'),
  o('argv0', undefined, 'argv0', 'required'),
  o('output', 'o', 'output', 'required'),
  o('overhead', 'O', 'summary-syscall-overhead', 'required'),
  o('attach', 'p', 'attach', 'required'),
  o('trace-path', 'P', 'trace-path', 'required'),
  o('quiet-one', 'q', undefined),
  o('relative', 'r', 'relative-timestamps', 'optional'),
  o('string-limit', 's', 'string-limit', 'required'),
  o('summary-sort-by', 'S', 'summary-sort-by', 'required'),
  o('absolute-one', 't', undefined),
  o('absolute', undefined, 'absolute-timestamps', 'optional'),
  o('absolute', undefined, 'timestamps', 'optional'),
  o('duration', 'T', 'syscall-times', 'optional'),
  o('user', 'u', 'user', 'required'),
  o('summary-columns', 'U', 'summary-columns', 'required'),
  o('no-abbrev', 'v', 'no-abbrev'),
  o('version', 'V', 'version'),
  o('wall', 'w', 'summary-wall-clock'),
  o('hex-one', 'x', undefined),
  o('strings-in-hex', undefined, 'strings-in-hex', 'optional'),
  o('const-print-style', 'X', 'const-print-style', 'required'),
  o('decode-fds-one', 'y', undefined),
  o('comm', 'Y', undefined),
  o('pidns', undefined, 'pidns-translation'),
  o('successful-only', 'z', 'successful-only'),
  o('failed-only', 'Z', 'failed-only'),
  o('seccomp-bpf', undefined, 'seccomp-bpf'),
  o('tips', undefined, 'tips', 'optional'),
  o('trace', undefined, 'trace', 'required'),
  o('abbrev', undefined, 'abbrev', 'required'),
  o('verbose', undefined, 'verbose', 'required'),
  o('raw', undefined, 'raw', 'required'),
  o('signal', undefined, 'signal', 'required'),
  o('status', undefined, 'status', 'required'),
  o('read', undefined, 'read', 'required'),
  o('write', undefined, 'write', 'required'),
  o('fault', undefined, 'fault', 'required'),
  o('inject', undefined, 'inject', 'required'),
  o('kvm', undefined, 'kvm', 'required'),
  o('quiet', undefined, 'quiet', 'optional'),
  o('quiet', undefined, 'silent', 'optional'),
  o('quiet', undefined, 'silence', 'optional'),
  o('decode-fds', undefined, 'decode-fds', 'optional'),
  o('decode-pids', undefined, 'decode-pids', 'required'),
];
/** Qualifiers of -e and the options they stand for. */
export const QUALIFIERS: Readonly<Record<string, Key>> = {
  trace: 'trace',
  t: 'trace',
  abbrev: 'abbrev',
  a: 'abbrev',
  verbose: 'verbose',
  v: 'verbose',
  raw: 'raw',
  x: 'raw',
  signal: 'signal',
  signals: 'signal',
  s: 'signal',
  read: 'read',
  reads: 'read',
  r: 'read',
  write: 'write',
  writes: 'write',
  w: 'write',
  fault: 'fault',
  inject: 'inject',
  status: 'status',
  quiet: 'quiet',
  silent: 'quiet',
  silence: 'quiet',
  q: 'quiet',
  kvm: 'kvm',
  'decode-fds': 'decode-fds',
  'decode-fd': 'decode-fds',
  'decode-pids': 'decode-pids',
  'decode-pid': 'decode-pids',
};
