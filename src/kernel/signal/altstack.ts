// The alternate signal stack (sigaltstack(2)).
import { EINVAL, ENOMEM, EPERM, type Errno } from '../../abi/errno.ts';
import { MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from '../../abi/signal.ts';
import type { Thread } from '../thread.ts';

/** The stack pointer is on the alternate stack: one that disarms itself never counts as in use. */
export const onAltStack = (t: Thread, sp: number): boolean =>
  !(t.altStack.flags & SS_AUTODISARM) && within(t.altStack, sp);
export const within = (s: Thread['altStack'], sp: number): boolean => sp > s.sp && sp - s.sp <= s.size;

/** do_sigaltstack: checks and sets. */
export function setAltStack(t: Thread, s: Thread['altStack']): Errno | undefined {
  if (onAltStack(t, Number(t.cpu.get('rsp')))) return EPERM;
  const mode = s.flags & ~SS_AUTODISARM;
  if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) return EINVAL;
  if (mode !== SS_DISABLE && s.size < MINSIGSTKSZ) return ENOMEM;
  t.altStack = mode === SS_DISABLE ? { sp: 0, size: 0, flags: s.flags } : s;
  return undefined;
}
