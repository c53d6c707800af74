// strace's command line: what was asked for, as plain data.
import type { SyscallTable } from '../kernel/kernel.ts';
import { type Found, getopt } from './getopt.ts';
import { type Key, OPTIONS, QUALIFIERS } from './option-table.ts';
import {
  ALL_CALLS,
  type CallSet,
  EVERYTHING,
  Mistake,
  NO_CALLS,
  NOTHING,
  type NumberSet,
  parseCalls,
  parseDescriptors,
  parseSignals,
  parseWords,
} from './select.ts';

export type Precision = 's' | 'ms' | 'us' | 'ns';
export const COLUMNS = [
  'time-percent',
  'total-time',
  'min-time',
  'max-time',
  'avg-time',
  'calls',
  'errors',
  'name',
] as const;
export type Column = (typeof COLUMNS)[number];
export type SortKey = Exclude<Column, 'time-percent'> | 'nothing';
export const STATUSES = ['successful', 'failed', 'unfinished', 'unavailable', 'detached'] as const;
export type Status = (typeof STATUSES)[number];
export const MESSAGES = ['attach', 'exit', 'path-resolution', 'personality', 'thread-execve'] as const;
export type Message = (typeof MESSAGES)[number];
export const FD_DETAILS = ['path', 'socket', 'dev', 'pidfd'] as const;
export type FdDetail = (typeof FD_DETAILS)[number];

export interface StraceOptions {
  /** -o as given: a file's name, or `|COMMAND`, `!COMMAND`; undefined: standard error. */
  readonly output: string | undefined;
  readonly append: boolean;
  readonly followForks: boolean;
  /** A file for each task: output.PID. */
  readonly separately: boolean;
  readonly detachOnExec: boolean;
  readonly alwaysShowPid: boolean;
  readonly summary: 'none' | 'only' | 'too';
  readonly summarySort: SortKey;
  readonly summaryColumns: readonly Column[];
  readonly summaryWall: boolean;
  readonly trace: CallSet;
  readonly abbreviate: CallSet;
  readonly verbose: CallSet;
  readonly raw: CallSet;
  readonly signals: NumberSet;
  readonly statuses: ReadonlySet<Status>;
  /** Descriptors whose data is dumped. */
  readonly dumpRead: NumberSet;
  readonly dumpWrite: NumberSet;
  readonly paths: readonly string[];
  readonly quiet: ReadonlySet<Message>;
  readonly column: number;
  readonly stringLimit: number;
  readonly hexStrings: 'none' | 'non-ascii-chars' | 'non-ascii' | 'all';
  readonly constants: 'raw' | 'abbrev' | 'verbose';
  readonly decodeFds: ReadonlySet<FdDetail>;
  readonly decodeComm: boolean;
  readonly argumentNames: boolean;
  readonly instructionPointer: boolean;
  readonly syscallNumber: boolean;
  readonly absolute: { readonly format: 'time' | 'unix'; readonly precision: Precision } | undefined;
  readonly relative: Precision | undefined;
  readonly duration: Precision | undefined;
  /** -E in order: a value sets, undefined removes. */
  readonly environment: readonly (readonly [name: string, value: string | undefined])[];
  readonly argv0: string | undefined;
}
export type StraceArguments =
  /** `warnings` go to standard error before the program starts. */
  | {
      readonly kind: 'run';
      readonly options: StraceOptions;
      readonly command: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** Lines for standard error, and the exit status. */
  | { readonly kind: 'error'; readonly message: string; readonly status: number };

type Draft = { -readonly [K in keyof StraceOptions]: StraceOptions[K] };

const SORTS: Readonly<Record<string, SortKey>> = {
  time: 'total-time',
  'time-percent': 'total-time',
  'time-total': 'total-time',
  'total-time': 'total-time',
  'min-time': 'min-time',
  shortest: 'min-time',
  'time-min': 'min-time',
  'max-time': 'max-time',
  longest: 'max-time',
  'time-max': 'max-time',
  'avg-time': 'avg-time',
  'time-avg': 'avg-time',
  calls: 'calls',
  count: 'calls',
  errors: 'errors',
  error: 'errors',
  name: 'name',
  syscall: 'name',
  'syscall-name': 'name',
  nothing: 'nothing',
  none: 'nothing',
};
const COLUMN_NAMES: Readonly<Record<string, Column>> = {
  ...(Object.fromEntries(Object.entries(SORTS).filter(([, key]) => key !== 'nothing')) as Record<string, Column>),
  time: 'time-percent',
  'time-percent': 'time-percent',
};
const MESSAGE_ALIASES: Readonly<Record<string, Message>> = {
  exits: 'exit',
  'path-resolve': 'path-resolution',
  superseded: 'thread-execve',
  'thread-superseded': 'thread-execve',
};

class Parser {
  readonly #table: SyscallTable;
  readonly warnings: string[] = [];
  readonly draft: Draft = {
    output: undefined,
    append: false,
    followForks: false,
    separately: false,
    detachOnExec: false,
    alwaysShowPid: false,
    summary: 'none',
    summarySort: 'total-time',
    summaryColumns: ['time-percent', 'total-time', 'avg-time', 'calls', 'errors', 'name'],
    summaryWall: false,
    trace: ALL_CALLS,
    abbreviate: ALL_CALLS,
    verbose: ALL_CALLS,
    raw: NO_CALLS,
    signals: EVERYTHING,
    statuses: new Set(STATUSES),
    dumpRead: NOTHING,
    dumpWrite: NOTHING,
    paths: [],
    quiet: new Set(),
    column: 40,
    stringLimit: 32,
    hexStrings: 'none',
    constants: 'abbrev',
    decodeFds: new Set(),
    decodeComm: false,
    argumentNames: false,
    instructionPointer: false,
    syscallNumber: false,
    absolute: undefined,
    relative: undefined,
    duration: undefined,
    environment: [],
    argv0: undefined,
  };
  readonly counts = new Map<Key, number>();
  sortGiven = false;
  columnsGiven = false;
  daemonized = false;
  outcomes = 0;

  constructor(table: SyscallTable) {
    this.#table = table;
  }
  #count(key: Key): number {
    const n = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, n);
    return n;
  }
  /** One option; a Mistake ends the parse. */
  apply({ key, as, value }: Found<Key>): Mistake | undefined {
    const d = this.draft;
    const n = this.#count(key);
    const text = value ?? '';
    const invalid = new Mistake(`invalid ${as} argument: '${text}'`, true);
    const take = <T>(v: T | Mistake, set: (v: T) => void): Mistake | undefined =>
      v instanceof Mistake ? v : void set(v);
    switch (key) {
      case 'columns':
        return take(natural(text, 0x7fffffff) ?? invalid, (v) => (d.column = v));
      case 'append':
        d.append = true;
        return;
      case 'detach-on':
        if (text !== 'execve') return new Mistake(`Syscall '${text}' for -b isn't supported`);
        d.detachOnExec = true;
        return;
      case 'summary-only':
      case 'summary': {
        const kind = key === 'summary' ? 'too' : 'only';
        if (d.summary !== 'none' && d.summary !== kind)
          return new Mistake('-c/--summary-only and -C/--summary are mutually exclusive', true);
        d.summary = kind;
        return;
      }
      case 'daemonize':
        if (value !== undefined && !['grandchild', 'pgroup', 'pgrp', 'session'].includes(text)) return invalid;
        this.daemonized = true;
        return;
      case 'interruptible':
        return ['1', '2', '3', '4', 'anywhere', 'waiting', 'never', 'never_tstp'].includes(text) ? undefined : invalid;
      case 'overhead':
        return /^[0-9]+(\.[0-9]+)?(s|ms|us|ns)?$/.test(text) ? undefined : invalid;
      case 'debug':
      case 'seccomp-bpf':
      case 'pidns':
      case 'help':
      case 'version':
        return;
      case 'expression': {
        const at = text.indexOf('=');
        const name = at < 0 ? '' : text.slice(0, at);
        if (!Object.hasOwn(QUALIFIERS, name)) return this.apply({ key: 'trace', as: '-e trace=', value: text });
        return this.apply({ key: QUALIFIERS[name] as Key, as: `-e ${name}=`, value: text.slice(at + 1) });
      }
      case 'env': {
        const at = text.indexOf('=');
        d.environment = [...d.environment, at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]];
        return;
      }
      case 'argv0':
        d.argv0 = text;
        return;
      case 'follow-forks':
        d.followForks = true;
        if (n > 1 && as === '-f') d.separately = true;
        return;
      case 'output-separately':
        d.separately = true;
        return;
      case 'instruction-pointer':
        d.instructionPointer = true;
        return;
      case 'syscall-number':
        d.syscallNumber = true;
        return;
      case 'arg-names':
        d.argumentNames = true;
        return;
      case 'always-show-pid':
        d.alwaysShowPid = true;
        return;
      case 'output':
        d.output = text;
        return;
      case 'trace-path':
        d.paths = [...d.paths, text];
        return;
      case 'quiet-one':
        d.quiet = new Set(n > 2 ? MESSAGES : n > 1 ? ['attach', 'exit', 'personality'] : ['attach', 'personality']);
        return;
      case 'quiet':
        return take(
          parseWords(value ?? 'attach,personality', 'quiet', MESSAGES, MESSAGE_ALIASES),
          (v) => (d.quiet = v),
        );
      case 'relative':
        return take(precision(value) ?? invalid, (v) => (d.relative = v));
      case 'duration':
        return take(precision(value) ?? invalid, (v) => (d.duration = v));
      case 'string-limit':
        return take(natural(text, 0x3fffffff) ?? invalid, (v) => (d.stringLimit = v));
      case 'summary-sort-by':
        this.sortGiven = true;
        return take(SORTS[text] ?? new Mistake(`invalid sortby: '${text}'`, true), (v) => (d.summarySort = v));
      case 'summary-columns':
        this.columnsGiven = true;
        return take(columns(text), (v) => (d.summaryColumns = v));
      case 'absolute-one':
        d.absolute = n > 2 ? { format: 'unix', precision: 'us' } : { format: 'time', precision: n > 1 ? 'us' : 's' };
        return;
      case 'absolute':
        return take(timestamps(text) ?? invalid, (v) => (d.absolute = v === 'none' ? undefined : v));
      case 'no-abbrev':
        d.abbreviate = NO_CALLS;
        return;
      case 'wall':
        d.summaryWall = true;
        return;
      case 'hex-one':
        d.hexStrings = n > 1 ? 'all' : 'non-ascii';
        return;
      case 'strings-in-hex': {
        const styles = ['none', 'non-ascii-chars', 'non-ascii', 'all'] as const;
        return take(styles.find((s) => s === (value ?? 'all')) ?? invalid, (v) => (d.hexStrings = v));
      }
      case 'const-print-style': {
        const styles = ['raw', 'abbrev', 'verbose'] as const;
        return take(styles.find((s) => s === text) ?? invalid, (v) => (d.constants = v));
      }
      case 'decode-fds-one':
        d.decodeFds = new Set(n > 1 ? FD_DETAILS : ['path']);
        return;
      case 'decode-fds':
        return take(parseWords(value ?? 'path', 'decode-fds', FD_DETAILS), (v) => (d.decodeFds = v));
      case 'comm':
        d.decodeComm = true;
        return;
      case 'decode-pids':
        return take(parseWords(text, 'decode-pids', ['comm', 'pidns']), (v) => (d.decodeComm = v.has('comm')));
      case 'successful-only':
      case 'failed-only':
        this.outcomes++;
        d.statuses = new Set([key === 'failed-only' ? 'failed' : 'successful']);
        return;
      case 'status':
        return take(parseWords(text, 'status', STATUSES), (v) => (d.statuses = v));
      case 'trace':
        return take(parseCalls(text, this.#table), (v) => (d.trace = v));
      case 'abbrev':
        return take(parseCalls(text, this.#table), (v) => (d.abbreviate = v));
      case 'verbose':
        return take(parseCalls(text, this.#table), (v) => (d.verbose = v));
      case 'raw':
        return take(parseCalls(text, this.#table), (v) => (d.raw = v));
      case 'signal':
        return take(parseSignals(text), (v) => (d.signals = v));
      case 'read':
        return take(parseDescriptors(text), (v) => (d.dumpRead = v));
      case 'write':
        return take(parseDescriptors(text), (v) => (d.dumpWrite = v));
      case 'tips':
        return new Mistake(`${as} is not supported by ring3`);
      case 'kvm':
      case 'inject':
      case 'fault': {
        const set = key === 'kvm' ? undefined : parseCalls(text.split(':')[0] as string, this.#table);
        return set instanceof Mistake ? set : new Mistake(`${as} is not supported by ring3`);
      }
      case 'attach':
        for (const pid of text.split(/[, \t\n]+/))
          if (!natural(pid, 0x7fffffff)) return new Mistake(`Invalid process id: '${pid}'`);
        return new Mistake(`${as} is not supported by ring3: nothing runs before the program it starts`);
      case 'user':
      case 'stack-traces':
        return new Mistake(`${as} is not supported by ring3`);
    }
  }
  /** What only the whole line shows: contradictions are mistakes, idle options warnings. */
  check(operands: readonly string[]): Mistake | undefined {
    const d = this.draft;
    if (this.counts.has('absolute-one') && this.counts.has('absolute'))
      return new Mistake('-t and --absolute-timestamps cannot be provided simultaneously');
    if (this.daemonized && !operands.length)
      return new Mistake('PROG [ARGS] must be specified with -D/--daemonize', true);
    if (!operands.length) return new Mistake('must have PROG [ARGS] or -p PID', true);
    const summary = '(-c/--summary-only or -C/--summary)';
    if (d.summary !== 'none' && d.separately)
      return new Mistake(`${summary} and -ff/--output-separately are mutually exclusive`, true);
    if (d.summaryWall && d.summary === 'none')
      return new Mistake(`-w/--summary-wall-clock must be given with ${summary}`, true);
    if (d.output !== undefined && /^[|!]/.test(d.output) && d.separately)
      return new Mistake('piping the output and -ff/--output-separately are mutually exclusive', true);
    if (d.summary === 'none') {
      if (this.columnsGiven) this.warnings.push(`-U/--summary-columns has no effect without ${summary}`);
      if (this.sortGiven) this.warnings.push(`-S/--summary-sort-by has no effect without ${summary}`);
    }
    if (d.append && d.output === undefined)
      this.warnings.push('-A/--output-append-mode has no effect without -o/--output');
    if (d.summary === 'only') {
      const idle: readonly (readonly [boolean, string])[] = [
        [d.instructionPointer, '-i/--instruction-pointer'],
        [d.syscallNumber, '-n/--syscall-number'],
        [d.relative !== undefined, '-r/--relative-timestamps'],
        [d.absolute !== undefined, '-t/--absolute-timestamps'],
        [d.duration !== undefined, '-T/--syscall-times'],
        [d.decodeFds.size > 0, '-y/--decode-fds'],
      ];
      for (const [given, name] of idle) if (given) this.warnings.push(`${name} has no effect with -c/--summary-only`);
    }
    if (this.outcomes > 1)
      this.warnings.push(
        'Only the last of -z/--successful-only/-Z/--failed-only options will take effect. See status qualifier for more complex filters.',
      );
    return undefined;
  }
}

const natural = (text: string, most: number): number | undefined =>
  /^[0-9]+$/.test(text) && Number(text) <= most ? Number(text) : undefined;
const precision = (text: string | undefined): Precision | undefined =>
  text === undefined ? 'us' : (['s', 'ms', 'us', 'ns'] as const).find((p) => p === text);

function timestamps(text: string): NonNullable<StraceOptions['absolute']> | 'none' | undefined {
  let format: 'none' | 'time' | 'unix' = 'time';
  let fine: Precision = 's';
  for (const word of text === '' ? [] : text.split(',')) {
    const f = (['none', 'time', 'unix'] as const).find((x) => x === word || `format:${x}` === word);
    const p = (['s', 'ms', 'us', 'ns'] as const).find((x) => x === word || `precision:${x}` === word);
    if (f) format = f;
    else if (p) fine = p;
    else return undefined;
  }
  return format === 'none' ? 'none' : { format, precision: fine };
}
function columns(text: string): readonly Column[] | Mistake {
  const chosen: Column[] = [];
  const words = text.split(',');
  for (const [i, word] of words.entries()) {
    const column = Object.hasOwn(COLUMN_NAMES, word) ? COLUMN_NAMES[word] : undefined;
    if (!column) return new Mistake(`unknown column name: '${word}'`, true);
    if (chosen.includes(column))
      return new Mistake(
        `call summary column has been provided more than once: '${column}' (-U option residual: '${words.slice(i).join(',')}')`,
        true,
      );
    chosen.push(column);
  }
  return chosen.includes('name') ? chosen : [...chosen, 'name'];
}

/** Parses what stands behind `strace`. `table` gives the names that sets of calls may use. */
export function parseStraceArguments(argv: readonly string[], table: SyscallTable): StraceArguments {
  const { found, operands, error } = getopt(argv, OPTIONS);
  const parser = new Parser(table);
  const fail = (m: Mistake): StraceArguments => ({
    kind: 'error',
    message: `strace: ${m.message}\n${m.usage ? "Try 'strace -h' for more information.\n" : ''}`,
    status: 1,
  });
  for (const f of found) {
    if (f.key === 'help' || f.key === 'version') return { kind: f.key };
    const mistake = parser.apply(f);
    if (mistake) return fail(mistake);
  }
  const mistake = error === undefined ? parser.check(operands) : new Mistake(error, true);
  if (mistake) return fail(mistake);
  return {
    kind: 'run',
    options: parser.draft,
    command: operands,
    warnings: parser.warnings.map((w) => `strace: ${w}\n`),
  };
}
