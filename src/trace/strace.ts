// `ring3 strace`: an observer that writes what tasks do, as strace prints it.
import { errnoByCode } from '../abi/errno.ts';
import { SIGKILL, signalName } from '../abi/signal.ts';
import type { Abi } from '../abi/type.ts';
import type { Observer } from '../kernel/observe.ts';
import type { Ending } from '../kernel/process.ts';
import type { SigInfo } from '../kernel/signal/signals.ts';
import type { Syscall } from '../kernel/syscall.ts';
import type { Call, Thread } from '../kernel/thread.ts';
import { Context } from './context.ts';
import { showSignal } from './decode/signal.ts';
import { dumpOf } from './dump.ts';
import { type Format, formatOf } from './format.ts';
import { hex } from './number.ts';
import type { StraceOptions } from './options.ts';
import { Output, Page, type Sink } from './page.ts';
import { PathFilter } from './paths.ts';
import { ALL_CALLS, type CallSet, has, NOTHING } from './select.ts';
import { absoluteText, secondsText } from './stamp.ts';
import { Summary } from './summary.ts';

export type { Sink } from './page.ts';
export interface Outputs {
  /** Where the trace goes: standard error, a file or a pipe. */
  readonly trace: Sink;
  /** Messages that are not part of the trace (`strace: Process 12 attached`): always standard error. */
  readonly notes: Sink;
  /** With --output-separately: the sink of one task, opened when the task is first traced. */
  readonly task?: (tid: number) => Sink;
}
export interface Strace extends Observer {
  /** Hands over what is buffered. To be called before the machine waits for its host, and now and then while a program computes. */
  flush(): void;
  /** The run is over: writes the summary, if one was asked for, and flushes. */
  finish(): void;
  /** The program could not be executed: the task that tried ends with status 1, as strace's does. */
  notStarted(): void;
}

/** How the calls of one number are shown. */
interface Plan {
  /** Lines of it are written, if -P doesn't say otherwise. */
  readonly shown: boolean;
  readonly name: string;
  /** With the bracket behind it. */
  readonly opening: string;
  /** Undefined: arguments and result are shown as they are. */
  readonly format: Format | undefined;
  readonly abbreviate: boolean;
  readonly verbose: boolean;
  /** It may put something where the trace goes; it writes there. */
  readonly output: boolean;
  readonly writes: boolean;
}
/** A task that is traced. */
interface Traced {
  readonly thread: Thread;
  readonly page: Page;
  /** What stands in front of each of its lines while this is its number, where neither time nor other tasks change it. */
  readonly prefix: string | undefined;
  readonly tid: number;
  /** The call in progress, if it is shown, and how. */
  call: Call | undefined;
  plan: Plan | undefined;
  /** All arguments stood there when the call began. */
  complete: boolean;
  kept: unknown;
  /** When the call began, by CLOCK_MONOTONIC, and how often the task had gone to sleep by then. */
  began: bigint;
  sleeps: number;
  nr: number;
  /** The text of a call that may not be shown after all (-z and the like). */
  held: boolean;
}

/** Classes of calls that may put something where the trace goes. */
const OUTPUT: ReadonlySet<Syscall['class']> = new Set(['file.write', 'file.read', 'pipe', 'net']);
const NO_IP = '[????????????????] ';
const RESTART = 512;
/** Lengths up to which gaps are kept. */
const MOST_GAPS = 256;

export function createStrace(options: StraceOptions, outputs: Outputs): Strace {
  return new Tracer(options, outputs);
}

class Tracer implements Strace {
  readonly #options: StraceOptions;
  readonly #outputs: Outputs;
  readonly #c: Context;
  readonly #tasks = new Map<Thread, Traced>();
  /** The task that was asked for last: one mostly makes many calls in a row. */
  #latest: Traced | undefined;
  /** Plans of calls that are known, by number. */
  readonly #plans: { readonly [A in Abi]: (Plan | undefined)[] } = { x64: [], i386: [] };
  /** What stands between arguments and result, by the line's length up to there; found when first needed. */
  readonly #gaps: string[] = [];
  readonly #main: Output;
  readonly #summary: Summary | undefined;
  readonly #silent: boolean;
  /** Lines may be left out by how their call ended, so that none is written before its end. */
  readonly #byStatus: boolean;
  /** The trace goes where the program's own output may go: what was before it must stand before it. */
  readonly #shared: boolean;
  /** When the last line began, for -r. */
  #last: bigint | undefined;
  #started = false;
  #paths: PathFilter | undefined;
  readonly #dumps: boolean;
  #seenExec = false;
  /** The task that leaves the trace when its execve has been shown. */
  #detach: Thread | undefined;

  constructor(options: StraceOptions, outputs: Outputs) {
    this.#options = options;
    this.#outputs = outputs;
    this.#c = new Context(options);
    this.#main = new Output(outputs.trace);
    this.#summary = options.summary === 'none' ? undefined : new Summary();
    this.#silent = options.summary === 'only';
    this.#byStatus = options.statuses.size < 5;
    this.#shared = options.output === undefined;
    this.#dumps = options.dumpRead !== NOTHING || options.dumpWrite !== NOTHING;
  }

  // --- the lives of tasks
  created(t: Thread, by: Thread | undefined): void {
    if (by === undefined) {
      if (!this.#started) this.#add(t);
    } else if (this.#options.followForks && this.#tasks.has(by)) {
      this.#add(t);
      if (!this.#options.quiet.has('attach') && this.#options.output === undefined) this.#attached(t);
    }
  }
  #add(t: Thread): void {
    this.#started = true;
    const { separately } = this.#options;
    const output = separately && this.#outputs.task ? new Output(this.#outputs.task(t.tid)) : this.#main;
    const traced: Traced = {
      thread: t,
      page: new Page(output),
      prefix: this.#steadyPrefix(t),
      tid: t.tid,
      call: undefined,
      plan: undefined,
      complete: false,
      kept: undefined,
      began: 0n,
      sleeps: 0,
      nr: 0,
      held: false,
    };
    this.#tasks.set(t, traced);
  }
  #find(t: Thread): Traced | undefined {
    if (this.#latest?.thread === t) return this.#latest;
    const traced = this.#tasks.get(t);
    if (traced) this.#latest = traced;
    return traced;
  }
  #drop(t: Thread): void {
    this.#tasks.delete(t);
    if (this.#latest?.thread === t) this.#latest = undefined;
  }
  /** A message of its own, wherever the trace's line stands. */
  #attached(t: Thread): void {
    this.flush();
    this.#outputs.notes.write(`strace: Process ${t.tid} attached\n`);
  }
  exec(t: Thread): void {
    if (this.#options.detachOnExec && this.#seenExec) this.#detach = t;
    this.#seenExec = true;
  }
  ended(t: Thread, how: Ending): void {
    const traced = this.#tasks.get(t);
    if (!traced) return;
    if (traced.call) this.#neverEnded(traced);
    // That a task was killed is no message about its exit status.
    if (!this.#silent && (how.kind === 'killed' || !this.#options.quiet.has('exit'))) {
      const text =
        how.kind === 'exited'
          ? `+++ exited with ${how.code} +++`
          : `+++ killed by ${signalName(how.signal)}${how.core ? ' (core dumped)' : ''} +++`;
      traced.page.line(this.#prefix(traced, false) + text);
    }
    this.#drop(t);
    traced.page.close();
  }
  stopped(t: Thread, signal: number): void {
    const traced = this.#tasks.get(t);
    if (!traced || this.#silent || !has(this.#options.signals, signal)) return;
    traced.page.line(`${this.#prefix(traced, false)}--- stopped by ${signalName(signal)} ---`);
  }
  signal(t: Thread, info: SigInfo): void {
    const traced = this.#tasks.get(t);
    if (!traced || this.#silent || info.signo === SIGKILL || !has(this.#options.signals, info.signo)) return;
    const c = this.#c;
    c.task = t;
    c.w.out = `${this.#prefix(traced)}--- ${signalName(info.signo)} `;
    showSignal(c, info);
    traced.page.line(`${c.w.out} ---`);
  }

  // --- calls
  enter(t: Thread, call: Call): void {
    const { abi } = t;
    const plan = (call.syscall && this.#plans[abi][call.nr]) ?? this.#plan(call, abi);
    if (this.#shared && plan.output) this.#main.pass();
    // The first program's execve comes before anyone has heard of its task.
    if (!this.#started) {
      this.#add(t);
      this.#lookUpPaths(t);
    }
    const traced = this.#find(t);
    if (!traced) return;
    traced.nr = call.nr;
    if (!plan.shown || (this.#paths && !this.#paths.touches(t, call))) return;
    traced.call = call;
    traced.plan = plan;
    if (this.#summary || this.#options.duration) {
      traced.began = t.kernel.monotonic();
      traced.sleeps = t.switches.voluntary;
    }
    if (this.#silent) return;
    const c = this.#c;
    c.show(t, call, plan);
    c.leaving = false;
    c.error = undefined;
    c.kept = undefined;
    const { w } = c;
    const steady = traced.prefix !== undefined && traced.tid === t.tid;
    const prefix = steady ? traced.prefix : this.#prefix(traced);
    w.out = prefix === '' ? plan.opening : prefix + plan.opening;
    w.begin();
    traced.complete = plan.format ? plan.format.enter(c) : this.#raw(call);
    traced.kept = c.kept;
    traced.held = this.#byStatus;
    if (traced.held) traced.page.hold(w.out);
    else traced.page.start(w.out);
    if (this.#shared && plan.writes) traced.page.flush();
  }
  #plan(call: Call, abi: Abi): Plan {
    const { raw, abbreviate, verbose, trace } = this.#options;
    const { syscall, nr } = call;
    const isIn = (s: CallSet): boolean => s === ALL_CALLS || has(s[abi], nr);
    const name = nameOf(call);
    const plan: Plan = {
      shown: !syscall || isIn(trace),
      name,
      opening: `${name}(`,
      format: syscall && !isIn(raw) ? formatOf(syscall, abi) : undefined,
      abbreviate: isIn(abbreviate),
      verbose: isIn(verbose),
      output: syscall !== undefined && OUTPUT.has(syscall.class),
      writes: syscall?.class === 'file.write',
    };
    if (syscall) this.#plans[abi][nr] = plan;
    return plan;
  }
  #lookUpPaths(t: Thread): void {
    const { paths, quiet } = this.#options;
    if (!paths.length) return;
    this.#paths = new PathFilter(paths, t);
    if (!quiet.has('path-resolution')) for (const line of this.#paths.resolved) this.#outputs.notes.write(line);
  }
  /** Arguments as they are: of calls nobody knows, and of -e raw. */
  #raw(call: Call): boolean {
    const names = call.syscall ? Object.keys(call.syscall.args) : ['', '', '', '', '', ''];
    names.forEach((name, i) => {
      if (name) this.#c.w.argument(name);
      else this.#c.w.separate();
      this.#c.w.number(hex(call.raw[2 * i] as number, call.raw[2 * i + 1] as number));
    });
    return true;
  }
  exit(t: Thread, call: Call, result: number | { readonly code: number } | 'noreturn'): void {
    const traced = this.#find(t);
    if (!traced?.call) return;
    traced.call = undefined;
    const error = typeof result === 'object' ? result : undefined;
    if (this.#summary) this.#count(traced, call, error !== undefined);
    if (!this.#silent) this.#write(traced, call, typeof result === 'number' ? result : 0, error);
    if (this.#detach === t) {
      this.#detach = undefined;
      this.#drop(t);
      traced.page.close();
    }
  }
  #count(traced: Traced, call: Call, failed: boolean): void {
    const t = traced.thread;
    const slept = t.switches.voluntary !== traced.sleeps;
    const time = slept && !this.#options.summaryWall ? 0n : t.kernel.monotonic() - traced.began;
    (this.#summary as Summary).add(t.abi, call.nr, nameOf(call), time, failed);
  }
  #write(traced: Traced, call: Call, result: number, error: { readonly code: number } | undefined): void {
    const { page } = traced;
    const plan = traced.plan as Plan;
    if (traced.held && !this.#options.statuses.has(error ? 'failed' : 'successful')) return page.drop();
    const c = this.#c;
    const { w } = c;
    const { format } = plan;
    c.show(traced.thread, call, plan);
    c.leaving = true;
    c.error = error;
    c.result = result;
    c.note = undefined;
    c.kept = traced.kept;
    w.out = page.resume() ?? page.again(this.#resumed(traced, plan.name));
    if (format && !traced.complete) {
      w.begin();
      format.leave(c);
    }
    let text: string;
    if (error) text = errorText(error.code);
    else {
      const before = w.out;
      text = format ? format.result(c) : rawResult(result);
      w.out = before;
      if (c.note !== undefined) text += ` (${c.note})`;
    }
    this.#end(traced, text);
    if (this.#dumps) page.append(dumpOf(c, plan.name));
  }
  #resumed(traced: Traced, name: string): string {
    return `${this.#prefix(traced)}<... ${name} resumed>`;
  }
  /** The bracket, the column of results, the result. */
  #end(traced: Traced, result: string, ended = true): void {
    const { out } = this.#c.w;
    const duration = ended && this.#options.duration;
    const took = duration ? ` <${secondsText(traced.thread.kernel.monotonic() - traced.began, duration)}>\n` : '\n';
    traced.page.finish(out + (this.#gaps[out.length] ?? this.#gap(out.length)) + (result + took));
  }
  #gap(at: number): string {
    const text = `${') '.padEnd(this.#options.column - at)}= `;
    if (at < MOST_GAPS && text.length <= MOST_GAPS) this.#gaps[at] = text;
    return text;
  }
  /** The task is gone and its call with it. */
  #neverEnded(traced: Traced): void {
    const call = traced.call as Call;
    traced.call = undefined;
    if (this.#silent) return;
    if (traced.held && !this.#options.statuses.has('unfinished')) return traced.page.drop();
    const c = this.#c;
    const { page } = traced;
    c.w.out = page.resume() ?? page.again(this.#resumed(traced, nameOf(call)));
    if (!traced.complete) c.w.out += ' <unfinished ...>';
    this.#end(traced, '?', false);
  }

  // --- the beginning of a line
  #prefix(traced: Traced, running = true): string {
    const o = this.#options;
    let text = this.#taskPrefix(traced.thread);
    if (o.absolute) text += absoluteText(traced.thread.kernel.realtime(), o.absolute);
    if (o.relative) text += this.#relative(traced.thread.kernel.monotonic(), o.relative);
    if (o.syscallNumber) text += `[${String(traced.nr).padStart(4)}] `;
    if (o.instructionPointer)
      text += running ? `[${traced.thread.cpu.get('rip').toString(16).padStart(16, '0')}] ` : NO_IP;
    return text;
  }
  #taskPrefix({ tid, comm }: Thread): string {
    const o = this.#options;
    if (o.separately) return '';
    const name = o.decodeComm ? `<${comm}>` : '';
    if (o.output !== undefined) return o.followForks || o.alwaysShowPid ? `${`${tid}${name}`.padEnd(5)} ` : '';
    return this.#tasks.size > 1 || o.alwaysShowPid ? `[pid ${String(tid).padStart(5)}${name}] ` : '';
  }
  #steadyPrefix(t: Thread): string | undefined {
    const o = this.#options;
    const steady = o.separately || (o.output !== undefined && !o.decodeComm);
    const more = o.absolute || o.relative || o.syscallNumber || o.instructionPointer;
    return steady && !more ? this.#taskPrefix(t) : undefined;
  }
  #relative(now: bigint, precision: NonNullable<StraceOptions['relative']>): string {
    const text = secondsText(now - (this.#last ?? now), precision, 6);
    this.#last = now;
    return this.#options.absolute ? `(+${text}) ` : `${text} `;
  }

  flush(): void {
    for (const traced of this.#tasks.values()) traced.page.flush();
    this.#main.pass();
  }
  notStarted(): void {
    for (const t of [...this.#tasks.keys()]) this.ended(t, { kind: 'exited', code: 1 });
  }
  finish(): void {
    if (this.#summary) this.#main.put(this.#summary.text(this.#options));
    this.flush();
  }
}

/** A result as -e raw shows it. */
const rawResult = (n: number): string => hex(n >>> 0, Math.floor(n / 0x1_0000_0000) >>> 0);
const nameOf = (call: Call): string => (call.syscall as Syscall | undefined)?.name ?? `syscall_${hex(call.nr, 0)}`;
const errorTexts: (string | undefined)[] = [];
function errorText(code: number): string {
  const known = errorTexts[code];
  if (known !== undefined) return known;
  const e = errnoByCode.get(code);
  const text =
    code >= RESTART
      ? e
        ? `? ${e.name} (${e.text})`
        : `? ERESTART (${code})`
      : e
        ? `-1 ${e.name} (${e.text})`
        : `-1 (errno ${code})`;
  errorTexts[code] = text;
  return text;
}
