// The kernel: the process table, the run loop, system call dispatch, signals at the return to user mode.
import {
  EINTR,
  ENOSYS,
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTNOINTR,
  ERESTARTSYS,
  Errno,
  errnoByCode,
} from '../abi/errno.ts';
import { POLLIN } from '../abi/poll.ts';
import * as S from '../abi/signal.ts';
import type { Host } from '../host/host.ts';
import type { Cpu, Exit } from './cpu.ts';
import type { Mounts } from './fs/mounts.ts';
import type { Dentry } from './fs/vfs.ts';
import { Futexes, keyOf } from './futex.ts';
import { type AddressSpace, PAGE } from './mm/address-space.ts';
import { MemoryPool } from './mm/pool.ts';
import type { Observer } from './observe.ts';
import { type Ending, Process } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { enterHandler } from './signal/frame.ts';
import type { SigInfo } from './signal/signals.ts';
import type { Result, Syscall } from './syscall.ts';
import type { Credentials } from './task.ts';
import { type Call, Thread } from './thread.ts';
import { Block, WaitQueue } from './wait.ts';

/** Instructions a task runs before others get their turn. */
const SLICE = 400_000;
/** Nanoseconds of running after which the host's events are looked at. */
const POLL_NS = 10_000_000n;

export interface SyscallTable {
  readonly x64: readonly (Syscall | undefined)[];
  readonly i386: readonly (Syscall | undefined)[];
}

export class Kernel {
  readonly host: Host;
  readonly scheduler = new Scheduler();
  readonly processes = new Map<number, Process>();
  readonly table: SyscallTable;
  readonly memory: number;
  readonly pool: MemoryPool;
  readonly cpus: number;
  readonly bootTime: bigint;
  readonly observers: Observer[] = [];
  readonly futexes = new Futexes();
  mounts!: Mounts;
  root!: Dentry;
  hostname: string;
  domainname = '(none)';
  readonly #createCpu: () => Cpu;
  /** Address spaces that ended: their CPUs serve again once cleaned, which the last ones of a run never are. */
  readonly #ended: AddressSpace[] = [];
  /** Whose registers are in which CPU. */
  readonly #loaded = new Map<Cpu, Thread>();
  #nextPid: number;
  /** The first process: the run is over with it. */
  first: Process | undefined;
  readonly #raw = new Uint32Array(12);
  /** The task whose turn it is. */
  current: Thread | undefined;
  #stopping: Ending | undefined;

  constructor(options: {
    host: Host;
    createCpu: () => Cpu;
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
    this.cpus = options.cpus;
    this.hostname = options.host.identity.hostname;
    this.#nextPid = options.firstPid ?? 1000;
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
  allocatePid(): number {
    return this.#nextPid++;
  }
  takeCpu(): Cpu {
    const cpu = this.#ended.pop()?.clean() ?? this.#createCpu();
    cpu.rdtsc = () => this.monotonic();
    return cpu;
  }
  /** Bytes of the machine's memory that no address space has touched. */
  get freeMemory(): number {
    return Math.max(0, this.pool.limit - this.pool.used) * PAGE;
  }
  /** How many tasks there are, of all users and of one. */
  get tasks(): number {
    let n = 0;
    for (const p of this.processes.values()) n += p.threads.size;
    return n;
  }
  tasksOf(uid: number): number {
    let n = 0;
    for (const p of this.processes.values()) for (const t of p.threads) if (t.credentials.uid === uid) n++;
    return n;
  }
  thread(tid: number): Thread | undefined {
    for (const p of this.processes.values()) for (const t of p.threads) if (t.tid === tid) return t;
    return undefined;
  }

  // --- address spaces
  dropSpace(space: AddressSpace): void {
    if (--space.users > 0) return;
    space.release();
    this.#loaded.delete(space.cpu);
    if (this.#ended.length < 8) this.#ended.push(space);
  }
  /** exec: the task leaves its old address space for the new one, whose CPU holds its registers from now on. */
  replaceSpace(t: Thread, space: AddressSpace): void {
    const old = t.space;
    if (this.#loaded.get(old.cpu) === t) this.#loaded.delete(old.cpu);
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
    cpu.mode = t.abi === 'x64' ? 64 : 32;
    this.#loaded.set(cpu, t);
  }
  /** The task's registers, up to date in `saved` (for fork and the like). */
  snapshot(t: Thread): Uint8Array {
    if (this.#loaded.get(t.cpu) === t) t.cpu.save(t.saved);
    return t.saved;
  }

  // --- running
  /** Runs until the first process has ended; gives how. */
  async run(): Promise<Ending> {
    let polled = this.monotonic();
    for (;;) {
      const now = this.monotonic();
      const deadline = this.scheduler.fireDue(now);
      if (this.#stopping) return this.#stopping;
      if (this.first?.ending) return this.first.ending;
      const t = this.scheduler.next();
      if (!t) {
        await this.host.idle(deadline);
        polled = this.monotonic();
        continue;
      }
      if (now - polled > POLL_NS) {
        await this.host.idle(0n);
        polled = this.monotonic();
      }
      if (t.state === 'runnable') this.#turn(t);
    }
  }
  /** Ends the machine at once (a limit, or the user insists). */
  stop(how: Ending): void {
    this.#stopping = how;
    this.host.wake();
  }

  /** One task's turn: until its slice is used up, it sleeps or it is gone. */
  #turn(t: Thread): void {
    this.current = t;
    this.#load(t);
    const began = this.monotonic();
    if (t.call) this.#continueCall(t);
    else this.deliverSignals(t);
    let left = SLICE;
    while (t.state === 'runnable' && left > 0) {
      const { cpu } = t;
      const before = cpu.retired();
      const exit = cpu.run(left);
      const retired = cpu.retired() - before;
      left -= retired;
      this.#instructions += retired;
      this.#handle(t, exit);
    }
    const used = this.monotonic() - began;
    t.cpuTime += used;
    t.process.cpuTime.user += used;
    if (t.state === 'runnable') {
      t.switches.preempted++;
      this.scheduler.add(t);
    } else t.switches.voluntary++;
  }
  #instructions = 0;
  #calls = 0;
  /** Instructions retired and system calls made, by all tasks so far. */
  statistics(): { readonly instructions: number; readonly calls: number } {
    return { instructions: this.#instructions, calls: this.#calls };
  }
  #handle(t: Thread, exit: Exit): void {
    switch (exit.kind) {
      case 'budget':
        return;
      case 'syscall':
        return this.#syscall(t, exit.gate);
      case 'fault':
        this.#fault(t, exit.vector, exit.error, exit.address);
        this.deliverSignals(t);
    }
  }

  // --- system calls
  #syscall(t: Thread, gate: Call['gate']): void {
    const { u32, argIndex, raxIndex } = t.cpu;
    const nr = u32[raxIndex] as number;
    const raw = this.#raw.slice();
    if (gate === 'syscall') {
      for (let i = 0; i < 6; i++) {
        const at = argIndex[i] as number;
        raw[2 * i] = u32[at] as number;
        raw[2 * i + 1] = u32[at + 1] as number;
      }
    } else {
      // ebx ecx edx esi edi ebp
      [3, 1, 2, 6, 7, 5].forEach((r, i) => {
        raw[2 * i] = u32[raxIndex + 2 * r] as number;
      });
    }
    this.#call(t, gate, nr, raw);
  }
  #call(t: Thread, gate: Call['gate'], nr: number, raw: Uint32Array): void {
    this.#calls++;
    const syscall = (gate === 'syscall' ? this.table.x64 : this.table.i386)[nr];
    t.call = { syscall, nr, gate, raw };
    t.progress = undefined;
    let answer: Result | undefined;
    for (const o of this.observers) {
      const a = o.enter?.(t, t.call);
      if (a !== undefined && answer === undefined) answer = a as Result;
    }
    this.#finish(t, answer ?? this.#body(t));
  }
  /** Makes a call for a task that isn't running yet: how the first program is started. Gives the error it ended with. */
  begin(t: Thread, nr: number, raw: Uint32Array): Errno | undefined {
    this.current = t;
    this.#load(t);
    this.#call(t, 'syscall', nr, raw);
    const low = t.cpu.u32[t.cpu.raxIndex] as number;
    return t.cpu.u32[t.cpu.raxIndex + 1] === 0xffff_ffff ? errnoByCode.get(-(low | 0)) : undefined;
  }
  /** A signal the host got for us: from the terminal to the first process's group, others to the first process. */
  signalFromOutside(signal: number): void {
    const { first } = this;
    if (!first) return;
    const terminal = signal === S.SIGINT || signal === S.SIGQUIT;
    const info = terminal ? { signo: signal, code: S.SI_KERNEL } : { signo: signal, code: S.SI_USER, pid: 0, uid: 0 };
    for (const p of this.processes.values()) if (p === first || (terminal && p.pgid === first.pgid)) this.send(p, info);
  }
  #body(t: Thread): Result {
    const call = t.call as Call;
    return call.syscall?.call ? call.syscall.call(t, call.raw) : ENOSYS;
  }
  /** Woken: the body runs again, unless a signal ends the sleep. */
  #continueCall(t: Thread): void {
    this.#finish(t, this.#body(t));
  }
  #finish(t: Thread, result: Result): void {
    if (result instanceof Block) {
      if (result.by === 'killable' ? t.process.groupExit : t.interrupted) return this.#finish(t, result.onSignal);
      this.scheduler.sleep(t, result);
      return;
    }
    const call = t.call as Call;
    t.call = undefined;
    t.progress = undefined;
    if (result === ERESTART_RESTARTBLOCK) t.restart ??= call;
    else t.deadline = t.restart = undefined;
    if (t.state === 'dead') return;
    if (result !== 'noreturn') this.setResult(t, result instanceof Errno ? -result.code : result);
    for (const o of this.observers) o.exit?.(t, call, result as number | Errno | 'noreturn');
    this.deliverSignals(t, result instanceof Errno ? result : undefined, call);
  }
  setResult(t: Thread, value: number): void {
    const { u32, raxIndex } = t.cpu;
    u32[raxIndex] = value;
    u32[raxIndex + 1] = Math.floor(value / 0x1_0000_0000);
  }

  // --- signals
  /** Faults become signals that can't be blocked or ignored (force_sig_fault). */
  #fault(t: Thread, vector: number, error: number, address: bigint): void {
    const where = { addr: address, trapno: vector, err: error };
    const at = { addr: t.cpu.get('rip'), trapno: vector, err: error };
    const make = (signo: number, code: number, rest: object = { trapno: vector, err: error, addr: 0n }): void =>
      this.force(t, { signo, code, ...rest });
    switch (vector) {
      case 0:
        return make(S.SIGFPE, S.FPE_INTDIV, at);
      case 1:
        return make(S.SIGTRAP, S.TRAP_TRACE, at);
      case 3:
        return make(S.SIGTRAP, S.SI_KERNEL);
      case 6:
        return make(S.SIGILL, S.ILL_ILLOPN, at);
      case 14: {
        const refusal = t.space.lastRefusal;
        if (address < 0x8000_0000_0000n && refusal === 'bus') return make(S.SIGBUS, S.BUS_ADRERR, where);
        if (address < 0x8000_0000_0000n && refusal === 'memory') return make(S.SIGKILL, S.SI_KERNEL);
        if (address >> 12n === 0xffffffffff600n && error & 16)
          return this.#vsyscall(t, Number(address & 0xfffn), where);
        return make(
          S.SIGSEGV,
          refusal === 'rights' && address < 0x8000_0000_0000n ? S.SEGV_ACCERR : S.SEGV_MAPERR,
          where,
        );
      }
      case 16: {
        const sw = t.cpu.view.getUint16(t.cpu.x87Offset + 2, true) & ~t.cpu.view.getUint16(t.cpu.x87Offset, true);
        return make(S.SIGFPE, floatCode(sw), at);
      }
      case 19: {
        const mxcsr = t.cpu.view.getUint32(t.cpu.mxcsrOffset, true);
        return make(S.SIGFPE, floatCode(mxcsr & ~(mxcsr >> 7)), at);
      }
      case 17:
        return make(S.SIGBUS, S.BUS_ADRALN, { addr: 0n, trapno: vector, err: error });
      default:
        return make(S.SIGSEGV, S.SI_KERNEL);
    }
  }
  /** The legacy vsyscall page: executing its three entries does gettimeofday, time, getcpu, as Linux emulates it. */
  #vsyscall(t: Thread, offset: number, where: { addr: bigint; trapno: number; err: number }): void {
    const nr = { 0: 96, 0x400: 201, 0x800: 309 }[offset];
    const sp = Number(t.cpu.get('rsp'));
    const back = t.user.bytes(sp, 8);
    const syscall = nr === undefined ? undefined : this.table.x64[nr];
    if (!syscall?.call || back instanceof Errno)
      return this.force(t, { signo: S.SIGSEGV, code: S.SEGV_MAPERR, ...where });
    const to = new DataView(back.buffer, back.byteOffset, 8).getBigUint64(0, true);
    const raw = new Uint32Array(12);
    t.cpu.argIndex.forEach((at, i) => {
      raw[2 * i] = t.cpu.u32[at] as number;
      raw[2 * i + 1] = t.cpu.u32[at + 1] as number;
    });
    const r = syscall.call(t, raw);
    this.setResult(t, r instanceof Errno ? -r.code : (r as number));
    t.cpu.set('rip', to);
    t.cpu.set('rsp', sp + 8);
  }
  force(t: Thread, info: SigInfo): void {
    const h = t.process.handlers;
    const blocked = (t.blocked & S.bit(info.signo)) !== 0n;
    if (blocked || h.get(info.signo).handler === 1) h.set(info.signo, { handler: 0, flags: 0, restorer: 0, mask: 0n });
    if (blocked) t.blocked &= ~S.bit(info.signo);
    t.pending.add(info);
  }
  /** Sends to a task, or to a process (whichever of its tasks takes it first). */
  send(to: Thread | Process, info: SigInfo): void {
    const process = to instanceof Process ? to : to.process;
    const signal = info.signo;
    if (process.ending || signal === 0) return;
    if (signal === S.SIGCONT || signal === S.SIGKILL) this.#continueProcess(process, signal === S.SIGCONT);
    if (signal === S.SIGCONT)
      this.#dropAll(process, S.bit(S.SIGSTOP) | S.bit(S.SIGTSTP) | S.bit(S.SIGTTIN) | S.bit(S.SIGTTOU));
    if (S.defaultAction(signal) === 'stop') this.#dropAll(process, S.bit(S.SIGCONT));
    const blockedEverywhere =
      to instanceof Thread
        ? (to.blocked & S.bit(signal)) !== 0n
        : [...process.threads].every((t) => t.blocked & S.bit(signal));
    if (process.handlers.ignored(signal) && !blockedEverywhere && signal !== S.SIGKILL) return;
    to.pending.add(info);
    this.signalWaiters(process);
    const targets = to instanceof Thread ? [to] : [...process.threads];
    for (const t of targets) {
      if (t.blocked & S.bit(signal) && signal !== S.SIGKILL) continue;
      this.kick(t);
      if (signal !== S.SIGKILL) break;
    }
  }
  /** signalfd and sigtimedwait look again. */
  readonly signalQueues = new Map<Process, WaitQueue>();
  /** A signal was sent to some task: what every signalfd listens to. */
  readonly signalled = new WaitQueue();
  /** Numbers of eventfds, for /proc. */
  nextEventId = 1;
  signalWaiters(p: Process): void {
    this.signalQueues.get(p)?.wake();
    this.signalled.wake(POLLIN);
  }
  /** A signal that is ignored from now on: nothing of it stays pending. */
  discardSignal(p: Process, signal: number): void {
    this.#dropAll(p, S.bit(signal));
  }
  #dropAll(p: Process, signals: bigint): void {
    p.pending.drop(signals);
    for (const t of p.threads) t.pending.drop(signals);
  }
  /** Makes a sleeping task look at its signals. */
  kick(t: Thread): void {
    if (t.state === 'sleeping' && (t.block?.by !== 'killable' || t.process.groupExit)) this.scheduler.wake(t);
  }
  #continueProcess(p: Process, report: boolean): void {
    if (!p.stopped) return;
    p.stopped = 0;
    if (report) {
      p.continuedReported = false;
      this.#tellParent(p, S.CLD_CONTINUED, S.SIGCONT);
    }
    for (const t of p.threads) if (t.state === 'stopped') this.scheduler.add(t);
  }

  /** Before the task goes on in user mode: delivers signals, restarts or ends an interrupted call. */
  deliverSignals(t: Thread, interrupted?: Errno, call?: Call): void {
    const restartable = interrupted && interrupted.code >= 512 ? interrupted : undefined;
    for (;;) {
      if (t.state === 'dead') return;
      if (t.process.groupExit) return this.exitThread(t, t.process.groupExit);
      const info = t.pending.take(t.blocked) ?? t.process.pending.take(t.blocked);
      if (!info) break;
      const action = t.process.handlers.get(info.signo);
      if (action.handler === 1 && info.signo !== S.SIGKILL) continue;
      const kind = S.defaultAction(info.signo);
      if (action.handler === 0 && kind === 'ignore') continue;
      for (const o of this.observers) o.signal?.(t, info);
      if (action.handler > 1) {
        if (restartable && call) this.#restart(t, call, restartable, (action.flags & S.SA_RESTART) !== 0);
        t.deadline = t.restart = undefined;
        if (enterHandler(t, info, action)) {
          // Further signals nest on top of it.
          interrupted = undefined;
          if (restartable) return this.deliverSignals(t);
          continue;
        }
        t.process.handlers.set(S.SIGSEGV, { handler: 0, flags: 0, restorer: 0, mask: 0n });
        t.blocked &= ~S.bit(S.SIGSEGV);
        t.pending.add({ signo: S.SIGSEGV, code: S.SI_KERNEL, addr: 0n });
        continue;
      }
      if (kind === 'continue') continue;
      if (kind === 'stop') {
        this.#stop(t.process, info.signo);
        if (restartable && call) this.#restartSilently(t, call, restartable);
        return;
      }
      return this.exitProcess(t, {
        kind: 'killed',
        signal: info.signo,
        core: kind === 'core' && (t.process.limits[4]?.cur ?? 0) > 0 && t.process.dumpable === 1,
      });
    }
    if (restartable && call) this.#restartSilently(t, call, restartable);
    if (t.savedMask !== undefined) {
      t.blocked = t.savedMask;
      t.savedMask = undefined;
    }
  }
  /** A handler runs: the call ends with EINTR or is made again behind it (arch/x86/kernel/signal.c, handle_signal). */
  #restart(t: Thread, call: Call, why: Errno, restart: boolean): void {
    if (why === ERESTARTNOINTR || (why === ERESTARTSYS && restart)) this.#again(t, call.nr);
    else this.setResult(t, -EINTR.code);
  }
  #restartSilently(t: Thread, call: Call, why: Errno): void {
    if (why === ERESTART_RESTARTBLOCK) this.#again(t, call.gate === 'syscall' ? 219 : 0);
    else if (why === ERESTARTSYS || why === ERESTARTNOINTR || why === ERESTARTNOHAND) this.#again(t, call.nr);
  }
  #again(t: Thread, nr: number): void {
    this.setResult(t, nr);
    t.cpu.set('rip', Number(t.cpu.get('rip')) - 2);
  }

  // --- ends
  #stop(p: Process, signal: number): void {
    p.stopped = signal;
    p.stopReported = false;
    for (const t of p.threads) {
      for (const o of this.observers) o.stopped?.(t, signal);
      this.scheduler.remove(t);
      t.state = 'stopped';
    }
    this.#tellParent(p, S.CLD_STOPPED, signal);
  }
  #tellParent(p: Process, code: number, status: number): void {
    const parent = p.parent;
    if (!parent) return;
    parent.childChanged.wake();
    const stopLike = code === S.CLD_STOPPED || code === S.CLD_CONTINUED;
    if (stopLike && parent.handlers.get(S.SIGCHLD).flags & S.SA_NOCLDSTOP) return;
    const signo = stopLike ? S.SIGCHLD : p.exitSignal;
    if (signo)
      this.send(parent, {
        signo,
        code,
        pid: p.pid,
        uid: p.leader?.credentials.uid ?? this.#lastUid.get(p) ?? 0,
        status,
        utime: 0,
        stime: 0,
      });
  }
  readonly #lastUid = new WeakMap<Process, number>();

  /** exit_group, or death by signal: every thread of the process ends. */
  exitProcess(t: Thread, how: Ending): void {
    const p = t.process;
    p.groupExit ??= how;
    for (const other of [...p.threads]) if (other !== t) this.exitThread(other, p.groupExit);
    this.exitThread(t, p.groupExit);
  }
  killOtherThreads(t: Thread): void {
    for (const other of [...t.process.threads]) if (other !== t) this.exitThread(other, { kind: 'exited', code: 0 });
    t.tid = t.process.pid;
  }
  exitThread(t: Thread, how: Ending): void {
    if (t.state === 'dead') return;
    const p = t.process;
    this.scheduler.remove(t);
    t.state = 'dead';
    this.#lastUid.set(p, t.credentials.uid);
    for (const o of this.observers) o.ended?.(t, p.groupExit ?? how);
    if (t.clearChildTid && t.space.users > 1) {
      t.user.put(t.clearChildTid, new Uint8Array(4));
      const key = keyOf(t, t.clearChildTid, true);
      if (!(key instanceof Errno)) this.futexes.wake(key, 1);
    }
    t.vforkDone?.wake();
    t.vforkDone = undefined;
    if (this.#loaded.get(t.cpu) === t) this.#loaded.delete(t.cpu);
    p.threads.delete(t);
    if (--t.files.users === 0) t.files.closeAll(t);
    t.fs.users--;
    this.dropSpace(t.space);
    if (p.threads.size === 0) this.#endProcess(p, p.groupExit ?? how);
  }
  #endProcess(p: Process, how: Ending): void {
    p.ending = how;
    const reaper = this.#reaper(p);
    for (const c of p.children) {
      c.parent = reaper;
      reaper?.children.add(c);
      if (c.ending) {
        if (reaper) this.#tellParent(c, S.CLD_EXITED, 0);
        else this.processes.delete(c.pid);
      }
    }
    p.children.clear();
    const parent = p.parent;
    if (!parent) {
      if (p !== this.first) this.processes.delete(p.pid);
      return;
    }
    const chld = parent.handlers.get(S.SIGCHLD);
    const auto = p.exitSignal === S.SIGCHLD && (chld.handler === 1 || chld.flags & S.SA_NOCLDWAIT);
    const [code, status] =
      how.kind === 'exited' ? [S.CLD_EXITED, how.code] : [how.core ? S.CLD_DUMPED : S.CLD_KILLED, how.signal];
    if (auto) {
      parent.children.delete(p);
      this.processes.delete(p.pid);
    }
    this.#tellParent(p, code, status);
  }
  #reaper(p: Process): Process | undefined {
    for (let a = p.parent; a; a = a.parent) if (a.subreaper && !a.ending) return a;
    return undefined;
  }
  reap(parent: Process, child: Process): void {
    parent.children.delete(child);
    this.processes.delete(child.pid);
    parent.childTime.user += child.cpuTime.user + child.childTime.user;
    parent.childTime.system += child.cpuTime.system + child.childTime.system;
  }
  // --- beginnings
  addProcess(p: Process): void {
    this.processes.set(p.pid, p);
  }
  rootCredentials(): Credentials {
    const { uid, gid, euid, egid, groups } = this.host.identity;
    const full = euid === 0 ? (1n << 41n) - 1n : 0n;
    return {
      uid,
      euid,
      suid: euid,
      fsuid: euid,
      gid,
      egid,
      sgid: egid,
      fsgid: egid,
      groups,
      permitted: full,
      effective: full,
      inheritable: 0n,
      bounding: (1n << 41n) - 1n,
      ambient: 0n,
    };
  }
  created(t: Thread, by: Thread | undefined): void {
    for (const o of this.observers) o.created?.(t, by);
    this.scheduler.add(t);
  }
}

/** si_code of SIGFPE from unmasked exception bits IE DE ZE OE UE PE. */
function floatCode(bits: number): number {
  if (bits & 1) return 7;
  if (bits & 4) return 3;
  if (bits & 8) return 4;
  if (bits & 0x12) return 5;
  return bits & 0x20 ? 6 : 0;
}
