// Signals in flight and what a process does with them.
import { bit, defaultAction, SIGCONT, SIGRTMIN, SYNCHRONOUS } from '../../abi/signal.ts';

/** What a handler with SA_SIGINFO sees; fields by origin (sigaction(2)). */
export interface SigInfo {
  readonly signo: number;
  readonly code: number;
  readonly errno?: number;
  readonly pid?: number;
  readonly uid?: number;
  readonly status?: number;
  readonly utime?: number;
  readonly stime?: number;
  /** si_addr of faults, as an unsigned 64-bit value. */
  readonly addr?: bigint;
  /** si_value. */
  readonly value?: bigint;
  readonly timerid?: number;
  readonly overrun?: number;
  /** SIGIO: si_band and si_fd. */
  readonly band?: number;
  readonly fd?: number;
  /** SIGSYS: number of the call and AUDIT_ARCH_*. */
  readonly syscall?: number;
  readonly arch?: number;
  /** The 128 bytes as rt_sigqueueinfo was given them. */
  readonly raw?: Uint8Array;
  readonly countdown?: Countdown;
}
/** A timer whose signal this is: told when it is taken or thrown away. */
export interface Countdown {
  delivered(info: SigInfo): SigInfo;
  dropped(): void;
}
export interface Action {
  /** SIG_DFL 0, SIG_IGN 1, or an address. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: bigint;
}
export const SIG_DFL = 0,
  SIG_IGN = 1;
export const DEFAULT: Action = { handler: SIG_DFL, flags: 0, restorer: 0, mask: 0n };

/** A process's dispositions; shared by CLONE_SIGHAND. */
export class Handlers {
  readonly #actions = new Map<number, Action>();
  get(signal: number): Action {
    return this.#actions.get(signal) ?? DEFAULT;
  }
  set(signal: number, a: Action): void {
    this.#actions.set(signal, a);
  }
  /** The signal would do nothing: SIGCONT's continuing happens when it is sent. */
  ignored(signal: number): boolean {
    const { handler } = this.get(signal);
    if (handler !== SIG_DFL) return handler === SIG_IGN;
    return signal === SIGCONT || defaultAction(signal) === 'ignore';
  }
  copy(): Handlers {
    const h = new Handlers();
    for (const [n, a] of this.#actions) h.set(n, a);
    return h;
  }
  /** At exec: handled ones become default, ignored ones stay ignored, without flags and mask. */
  reset(): void {
    for (const [n, a] of this.#actions)
      this.#actions.set(n, a.handler === SIG_IGN ? { ...DEFAULT, handler: SIG_IGN } : DEFAULT);
  }
}

/** Pending signals of a task or of a whole process: standard ones once, real-time ones queued in order. */
export class Pending {
  readonly #list: SigInfo[] = [];
  mask = 0n;
  get size(): number {
    return this.#list.length;
  }
  has(signal: number): boolean {
    return (this.mask & bit(signal)) !== 0n;
  }
  add(info: SigInfo): void {
    if (info.signo < SIGRTMIN && this.has(info.signo)) return;
    this.#list.push(info);
    this.mask |= bit(info.signo);
  }
  /** Takes a fault of the program's own instruction first, wherever it stands. */
  takeSynchronous(blocked: bigint): SigInfo | undefined {
    if ((this.mask & SYNCHRONOUS & ~blocked) === 0n) return undefined;
    return this.#takeAt(this.#list.findIndex((s) => s.code > 0 && (SYNCHRONOUS & ~blocked & bit(s.signo)) !== 0n));
  }
  /** Takes the next that `blocked` lets through: synchronous ones first, then the lowest number. */
  take(blocked: bigint): SigInfo | undefined {
    const open = this.mask & ~blocked;
    if (open === 0n) return undefined;
    const among = open & SYNCHRONOUS || open;
    let best = -1;
    this.#list.forEach((s, i) => {
      if (!(among & bit(s.signo))) return;
      if (best < 0 || s.signo < (this.#list[best] as SigInfo).signo) best = i;
    });
    return this.#takeAt(best);
  }
  #takeAt(i: number): SigInfo | undefined {
    if (i < 0) return undefined;
    const [info] = this.#list.splice(i, 1);
    if (info && !this.#list.some((s) => s.signo === info.signo)) this.mask &= ~bit(info.signo);
    return info?.countdown ? info.countdown.delivered(info) : info;
  }
  drop(signals: bigint): void {
    if ((this.mask & signals) === 0n) return;
    for (let i = this.#list.length - 1; i >= 0; i--)
      if (signals & bit((this.#list[i] as SigInfo).signo)) this.#list.splice(i, 1)[0]?.countdown?.dropped();
    this.mask &= ~signals;
  }
}
