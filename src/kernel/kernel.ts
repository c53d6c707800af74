// The kernel: what there is of everything, the run loop, and the dispatch of system calls.
import { ENOMEM, ENOSYS, ERESTART_RESTARTBLOCK, type Errno, errnoByCode } from '../abi/errno.ts';
import * as S from '../abi/signal.ts';
import type { Host } from '../host/host.ts';
import type { Cpu } from './cpu.ts';
import { chargeLimit } from './cpu-limit.ts';
import { exitThread, killOtherThreads } from './exit.ts';
import type { Mounts } from './fs/mounts.ts';
import type { Dentry, Inode } from './fs/vfs.ts';
import { Futexes } from './futex.ts';
import { MessageQueues } from './ipc/msg.ts';
import { SemaphoreSets } from './ipc/sem.ts';
import { SharedMemory } from './ipc/shm.ts';
import { type AddressSpace, PAGE } from './mm/address-space.ts';
import { MemoryPool } from './mm/pool.ts';
import { Network } from './net/network.ts';
import type { Observer, Runner } from './observe.ts';
import { share } from './priority.ts';
import type { Ending, Process } from './process.ts';
import { abortSequence } from './rseq.ts';
import { Scheduler } from './scheduler.ts';
import { deliverSignals } from './signal/deliver.ts';
import { raiseFault } from './signal/fault.ts';
import { send } from './signal/send.ts';
import type { SigInfo } from './signal/signals.ts';
import type { Result, Syscall } from './syscall.ts';
import type { Call, Thread } from './thread.ts';
import { Terminals } from './tty/terminal.ts';
import { Block, WaitQueue } from './wait.ts';

/** Instructions a task runs before others get their turn; a system call counts as some. */
const SLICE = 400_000;
const CALL_COST = 200;
/** Nanoseconds of running after which the host's events are looked at. */
const POLL_NS = 10_000_000n;
/** /proc/sys/kernel/pid_max, and where numbers begin again behind it. */
export const PID_MAX = 4194304;
const RESERVED_PIDS = 300;
/** oom_score_adj of a program that memory is never taken from. */
const NEVER_KILLED = -1000;
/** Address spaces of ended programs kept for new ones. */
const MOST_ENDED = 8;

export interface SyscallTable {
  readonly x64: readonly (Syscall | undefined)[];
  readonly i386: readonly (Syscall | undefined)[];
}

export class Kernel {
  readonly host: Host;
  readonly scheduler = new Scheduler();
  readonly processes = new Map<number, Process>();
  /** Living tasks by tid. */
  readonly threads = new Map<number, Thread>();
  readonly table: SyscallTable;
  readonly memory: number;
  readonly pool: MemoryPool;
  readonly cpus: number;
  readonly bootTime: bigint;
  readonly observers: Observer[] = [];
  runner: Runner | undefined;
  readonly futexes = new Futexes();
  readonly sharedMemory = new SharedMemory();
  readonly semaphores = new SemaphoreSets();
  readonly messageQueues = new MessageQueues();
  readonly net = new Network(this);
  /** A signal was sent to some task: what every signalfd listens to. */
  readonly signalled = new WaitQueue();
  /** inotify instances by user. */
  readonly inotifyUsers = new Map<number, number>();
  /** Numbers of eventfds, for /proc. */
  nextEventId = 1;
  mounts!: Mounts;
  readonly terminals = new Terminals();
  root!: Dentry;
  hostname: string;
  domainname = '(none)';
  readonly #createCpu: () => Cpu | undefined;
  /** Address spaces that ended: their CPUs serve again once cleaned, which the last ones of a run never are. */
  readonly #ended: AddressSpace[] = [];
  /** Whose registers are in which CPU. */
  readonly #loaded = new Map<Cpu, Thread>();
  #lastPid: number;
  /** The first process: the run is over with it. */
  first: Process | undefined;
  /** The task whose turn it is. */
  current: Thread | undefined;
  #stopping: Ending | undefined;
  #instructions = 0;
  #calls = 0;
  /** Forks so far (/proc/stat's processes). */
  forks = 0;

  constructor(options: {
    host: Host;
    /** Undefined: the host has no room for one more address space. */
    createCpu: () => Cpu | undefined;
    table: SyscallTable;
    memory: number;
    cpus: number;
    firstPid?: number;
  }) {
    this.host = options.host;
    this.#createCpu = options.createCpu;
    this.table = options.table;
    this.memory = options.memory;
    this.pool = new MemoryPool(options.memory);
    this.pool.onExhausted = () => this.#outOfMemory();
    this.cpus = options.cpus;
    this.hostname = options.host.identity.hostname;
    this.#lastPid = (options.firstPid ?? 1000) - 1;
    this.bootTime = options.host.monotonic();
  }
  monotonic(): bigint {
    return this.host.monotonic();
  }
  realtime(): bigint {
    return this.host.realtime();
  }
  random(into: Uint8Array): void {
    this.host.random(into);
  }
  /** The next number that no task, process, group or session has. */
  allocatePid(): number {
    const used = new Set<number>();
    if (this.forks > PID_MAX - 2 * RESERVED_PIDS) for (const p of this.processes.values()) used.add(p.pgid).add(p.sid);
    do {
      this.#lastPid = this.#lastPid + 1 >= PID_MAX ? RESERVED_PIDS : this.#lastPid + 1;
    } while (this.threads.has(this.#lastPid) || this.processes.has(this.#lastPid) || used.has(this.#lastPid));
    return this.#lastPid;
  }
  thread(tid: number): Thread | undefined {
    return this.threads.get(tid);
  }
  /** How many tasks a user has. */
  tasksOf(uid: number): number {
    let n = 0;
    for (const t of this.threads.values()) if (t.credentials.uid === uid) n++;
    return n;
  }

  // --- memory
  /** An address space's CPU; ENOMEM where the host has no room for one more. */
  takeCpu(): Cpu | Errno {
    const cpu = this.#ended.pop()?.clean() ?? this.#createCpu();
    if (!cpu) return ENOMEM;
    cpu.rdtsc = () => this.host.timestamp?.() ?? this.monotonic();
    return cpu;
  }
  /** Bytes of the machine's memory that nothing has touched. */
  get freeMemory(): number {
    return Math.max(0, this.pool.limit - this.pool.used) * PAGE;
  }
  /** The program with the most memory, by its oom_score_adj, is killed: the youngest of several. False where that is the one that asks for more. */
  #outOfMemory(): boolean {
    let victim: Process | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const p of this.processes.values()) {
      const space = p.leader?.space;
      if (!space || p.ending || p.groupExit || p.oomScoreAdj === NEVER_KILLED) continue;
      const score = space.resident + (p.oomScoreAdj * this.pool.limit) / 1000;
      if (score >= most) [victim, most] = [p, score];
    }
    if (!victim) return false;
    const mine = victim === this.current?.process;
    victim.groupExit = { kind: 'killed', signal: S.SIGKILL, core: false };
    for (const t of [...victim.threads])
      if (mine) this.kick(t);
      else exitThread(this, t, victim.groupExit);
    return !mine;
  }
  dropSpace(space: AddressSpace): void {
    if (--space.users > 0) return;
    space.release();
    this.#loaded.delete(space.cpu);
    if (this.#ended.length < MOST_ENDED) this.#ended.push(space);
  }
  /** exec: the task leaves its old address space for the new one, whose CPU holds its registers from now on. */
  replaceSpace(t: Thread, space: AddressSpace): void {
    const old = t.space;
    this.unload(t);
    t.process.usage.space(old);
    t.space = space;
    this.#loaded.set(space.cpu, t);
    this.dropSpace(old);
    t.vforkDone?.wake();
    t.vforkDone = undefined;
  }
  #load(t: Thread): void {
    const { cpu } = t;
    const there = this.#loaded.get(cpu);
    if (there === t) return;
    if (there) cpu.save(there.saved);
    cpu.load(t.saved);
    this.#loaded.set(cpu, t);
  }
  /** The task's registers, if they are in a CPU, are of no more use. */
  unload(t: Thread): void {
    if (this.#loaded.get(t.cpu) === t) this.#loaded.delete(t.cpu);
  }
  /** The task's registers, up to date in `saved` (for fork and the like). */
  snapshot(t: Thread): Uint8Array {
    if (this.#loaded.get(t.cpu) === t) t.cpu.save(t.saved);
    return t.saved;
  }
  killOtherThreads(t: Thread): void {
    killOtherThreads(this, t);
  }

  // --- running
  /** Runs until the first process has ended; gives how. */
  async run(): Promise<Ending> {
    const { timers } = this.scheduler;
    let polled = this.monotonic();
    for (;;) {
      const now = this.monotonic();
      timers.fireDue(now);
      if (this.#stopping) return this.#stopping;
      if (this.first?.ending) return this.first.ending;
      if (this.scheduler.runnable === 0) {
        if (this.#isStopped()) this.#suspend();
        else await this.host.idle(timers.next);
        polled = this.monotonic();
        continue;
      }
      if (now - polled > POLL_NS) {
        await this.host.idle(0n);
        polled = this.monotonic();
      }
      const t = this.scheduler.next();
      if (t?.state === 'runnable') this.#turn(t, now);
    }
  }
  /** Ends the machine at once (a limit, or the user insists). */
  stop(how: Ending): void {
    this.#stopping = how;
    this.host.wake();
  }
  /** What all tasks have done so far, in instructions. */
  get work(): number {
    return this.#instructions + CALL_COST * this.#calls;
  }
  /** Instructions retired and system calls made, by all tasks so far. */
  statistics(): { readonly instructions: number; readonly calls: number } {
    return { instructions: this.#instructions, calls: this.#calls };
  }

  /** One task's turn: until its slice is used up, it sleeps or it is gone. */
  #turn(t: Thread, began: bigint): void {
    this.current = t;
    this.#charged = began;
    this.#load(t);
    if (t.process.groupExit) exitThread(this, t, t.process.groupExit);
    else if (t.call) this.#finish(t, this.#body(t));
    else deliverSignals(this, t);
    this.#left = SLICE * share(t);
    while (t.state === 'runnable' && this.#left > 0) {
      const { cpu } = t;
      const before = cpu.retired();
      const most = Math.ceil(this.#left);
      const exit = this.runner ? this.runner.run(t, most) : cpu.run(most);
      const retired = cpu.retired() - before;
      this.#instructions += retired;
      this.#left -= retired;
      if (exit.kind === 'syscall') {
        this.#left -= CALL_COST;
        this.#syscall(t, exit.gate);
      } else if (exit.kind === 'fault') {
        this.#left -= CALL_COST;
        raiseFault(this, t, exit.vector, exit.error, exit.address);
        deliverSignals(this, t);
      }
      // An instruction that goes on for long ends the turn with nothing retired.
      else this.#left = 0;
    }
    this.charge();
    if (t.state === 'runnable') {
      if (t.rseq.at) abortSequence(t);
      if (this.scheduler.runnable) t.switches.preempted++;
      this.scheduler.add(t);
    } else t.switches.voluntary++;
  }
  /** What is left of the turn, in instructions. */
  #left = 0;
  /** The task whose turn it is gives the rest of it up. */
  yield(): void {
    this.#left = 0;
  }
  /** Puts the time since the last charge down to the task whose turn it is. */
  charge(): void {
    const t = this.current;
    if (!t || this.#charging) return;
    const now = this.monotonic();
    const used = now - this.#charged;
    this.#charged = now;
    const p = t.process;
    t.cpuTime += used;
    p.cpuTime.user += used;
    if (p.ending) return;
    this.#charging = true;
    p.timers.charge();
    for (const timer of p.posixTimers.values()) if (timer.clock.ahead === undefined) timer.look();
    chargeLimit(this, p);
    if (!p.charged.idle) p.charged.wake();
    this.#charging = false;
  }
  /** Until when CPU time has been put down to tasks. */
  #charged = 0n;
  #charging = false;
  // --- system calls
  // This and #finish are what every call goes through, in few steps: before V8 has compiled them, which takes it thousands of calls, each function counts.
  #syscall(t: Thread, gate: Call['gate']): void {
    const { u32, argIndex, raxIndex } = t.space.cpu;
    const call = t.callSlot;
    const { raw } = call;
    const nr = u32[raxIndex] as number;
    const native = gate === 'syscall';
    const syscall = (native ? this.table.x64 : this.table.i386)[nr];
    const registers = syscall === undefined ? 6 : syscall.registers;
    for (let i = 0; i < registers; i++) {
      const at = native ? (argIndex[i] as number) : raxIndex + 2 * (I386_ARGUMENTS[i] as number);
      raw[2 * i] = u32[at] as number;
      raw[2 * i + 1] = native ? (u32[at + 1] as number) : 0;
    }
    call.gate = gate;
    this.#call(t, syscall, nr);
  }
  /** The arguments and the gate stand in the task's call slot. */
  #call(t: Thread, syscall: Syscall | undefined, nr: number): void {
    this.#calls++;
    const call = t.callSlot;
    call.syscall = syscall;
    call.nr = nr;
    t.call = call;
    const answer = this.observers.length === 0 ? undefined : this.#observe(t, call);
    this.#finish(t, answer ?? (syscall?.call ? syscall.call(t, call.raw) : ENOSYS));
  }
  /** Makes a call for a task that isn't running yet: how the first program is started. Gives the error it ended with. */
  begin(t: Thread, nr: number, raw: Uint32Array): Errno | undefined {
    this.current = t;
    this.#load(t);
    t.callSlot.raw.set(raw);
    t.callSlot.gate = 'syscall';
    this.#call(t, this.table.x64[nr], nr);
    const low = t.cpu.u32[t.cpu.raxIndex] as number;
    return t.cpu.u32[t.cpu.raxIndex + 1] === 0xffff_ffff ? errnoByCode.get(-(low | 0)) : undefined;
  }
  #observe(t: Thread, call: Call): Result | undefined {
    const { observers } = this;
    let answer: Result | undefined;
    for (let i = 0; i < observers.length; i++) {
      const a = observers[i]?.enter?.(t, call);
      if (a !== undefined && answer === undefined) answer = a as Result;
    }
    return answer;
  }
  #body(t: Thread): Result {
    const { syscall, raw } = t.callSlot;
    return syscall?.call ? syscall.call(t, raw) : ENOSYS;
  }
  /** The body's answer: the call sleeps, or it ends, and signals are looked at. */
  #finish(t: Thread, answer: Result): void {
    let result = answer;
    if (typeof result === 'object' && result instanceof Block) {
      if (!(result.by === 'killable' ? t.process.groupExit : t.interrupted)) return this.scheduler.sleep(t, result);
      result = result.onSignal;
    }
    const call = t.call as Call;
    t.call = undefined;
    t.progress = undefined;
    if (result === ERESTART_RESTARTBLOCK) t.restart ??= { ...call, raw: call.raw.slice() };
    else if (t.deadline !== undefined) t.deadline = t.restart = undefined;
    if (t.state === 'dead') return;
    const failed = typeof result === 'object' ? result.code : 0;
    if (failed) this.setResult(t, -failed);
    else if (result !== 'noreturn') this.setResult(t, result as number);
    const { observers } = this;
    for (let i = 0; i < observers.length; i++) observers[i]?.exit?.(t, call, result);
    const { process } = t;
    if (failed >= 512) deliverSignals(this, t, result as Errno, call);
    else if (t.pending.size || process.pending.size || t.savedMask !== undefined || t.ignored.length)
      deliverSignals(this, t);
    else if (process.groupExit) exitThread(this, t, process.groupExit);
  }
  setResult(t: Thread, value: number): void {
    const { u32, raxIndex } = t.space.cpu;
    u32[raxIndex] = value;
    u32[raxIndex + 1] = value === (value | 0) ? value >> 31 : Math.floor(value / 0x1_0000_0000);
  }

  // --- signals
  /** Sends to a task, or to a process (whichever of its tasks takes it first). EAGAIN: a queued signal that finds no room. */
  send(to: Thread | Process, info: SigInfo): Errno | undefined {
    return send(this, to, info);
  }
  /** A signal the host got for us: from the terminal to the first process's group, others to the first process. */
  signalFromOutside(signal: number): void {
    const { first } = this;
    if (!first) return;
    const terminal = signal === S.SIGINT || signal === S.SIGQUIT;
    const info = terminal ? { signo: signal, code: S.SI_KERNEL } : { signo: signal, code: S.SI_USER, pid: 0, uid: 0 };
    const group = (terminal && this.terminals.of(first.sid)?.foreground) || first.pgid;
    for (const p of this.processes.values()) if (terminal ? p.pgid === group : p === first) this.send(p, info);
  }
  /** The first process is stopped, and nobody is left inside who could continue it. */
  #isStopped(): boolean {
    if (!this.first?.stopped || !this.host.suspend) return false;
    for (const p of this.processes.values()) if (!p.ending && !p.stopped) return false;
    return true;
  }
  /** Stopped, as a program run by itself would be: whoever continues the machine continues it. */
  #suspend(): void {
    const { first, host } = this;
    if (!first || !host.suspend) return;
    this.terminals.leave(() => host.suspend?.());
    this.send(first, { signo: S.SIGCONT, code: S.SI_USER, pid: 0, uid: 0 });
  }
  /** Makes a sleeping task look at its signals. */
  kick(t: Thread): void {
    if (t.state === 'sleeping' && (t.block?.by !== 'killable' || t.process.groupExit)) this.scheduler.wake(t);
  }

  /** Some descriptor, mapping or working directory holds the inode, or a nameless file that was in it. */
  hasOpen(inode: Inode): boolean {
    const holds = (place: Dentry | string): boolean => {
      for (let d = typeof place === 'string' ? undefined : place; d; d = d.deleted ? d.parent : undefined)
        if (d.inode === inode) return true;
      return false;
    };
    for (const p of this.processes.values())
      for (const t of p.threads) {
        if (holds(t.fs.cwd) || holds(t.fs.root)) return true;
        for (const [, file] of t.files.entries()) if (file.inode === inode || holds(file.at)) return true;
        for (const a of t.space.areas.list) if (a.file && (a.file.inode === inode || holds(a.file.at))) return true;
      }
    return false;
  }
  // --- beginnings
  addProcess(p: Process): void {
    this.processes.set(p.pid, p);
  }
  created(t: Thread, by: Thread | undefined): void {
    this.forks++;
    for (const o of this.observers) o.created?.(t, by);
    this.scheduler.add(t);
  }
}
/** ebx ecx edx esi edi ebp, as register numbers. */
const I386_ARGUMENTS = [3, 1, 2, 6, 7, 5] as const;
