// Signals in flight and what a process does with them.
import { bit, defaultAction, SIGRTMIN } from '../../abi/signal.ts';

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
  /** Fault details for the frame: trap number and error code. */
  readonly trapno?: number;
  readonly err?: number;
}
export interface Action {
  /** SIG_DFL 0, SIG_IGN 1, or an address. */
  readonly handler: number;
  readonly flags: number;
  readonly restorer: number;
  readonly mask: bigint;
}
export const DEFAULT: Action = { handler: 0, flags: 0, restorer: 0, mask: 0n };

/** A process's dispositions; shared by CLONE_SIGHAND. */
export class Handlers {
  readonly #actions = new Map<number, Action>();
  get(signal: number): Action {
    return this.#actions.get(signal) ?? DEFAULT;
  }
  set(signal: number, a: Action): void {
    this.#actions.set(signal, a);
  }
  ignored(signal: number): boolean {
    const { handler } = this.get(signal);
    return handler === 1 || (handler === 0 && defaultAction(signal) === 'ignore');
  }
  copy(): Handlers {
    const h = new Handlers();
    for (const [n, a] of this.#actions) h.set(n, a);
    return h;
  }
  /** At exec: handled ones become default, ignored ones stay. */
  reset(): void {
    for (const [n, a] of this.#actions) if (a.handler > 1) this.#actions.set(n, DEFAULT);
  }
}

/** Pending signals of a task or of a whole process: standard ones once, real-time ones queued in order. */
export class Pending {
  readonly #list: SigInfo[] = [];
  mask = 0n;
  add(info: SigInfo): void {
    if (info.signo < SIGRTMIN && this.mask & bit(info.signo)) return;
    this.#list.push(info);
    this.mask |= bit(info.signo);
  }
  /** Takes the next that `blocked` lets through: synchronous faults and the lowest numbers first. */
  take(blocked: bigint): SigInfo | undefined {
    const open = this.mask & ~blocked;
    if (open === 0n) return undefined;
    let best = -1;
    this.#list.forEach((s, i) => {
      if (!(open & bit(s.signo))) return;
      if (best < 0 || s.signo < (this.#list[best] as SigInfo).signo) best = i;
    });
    const [info] = this.#list.splice(best, 1);
    if (info && !this.#list.some((s) => s.signo === info.signo)) this.mask &= ~bit(info.signo);
    return info;
  }
  drop(signals: bigint): void {
    for (let i = this.#list.length - 1; i >= 0; i--)
      if (signals & bit((this.#list[i] as SigInfo).signo)) this.#list.splice(i, 1);
    this.mask &= ~signals;
  }
}
