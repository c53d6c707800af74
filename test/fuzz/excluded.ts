// What the host's CPU can't be asked about, with the reason.
import type { Decoder } from '../../src/isa/decode.ts';
import type { OpValue } from '../../src/isa/op.ts';

const BY_NAME: Readonly<Record<string, string>> = {
  cpuid: 'says what the CPU is: ours is another one',
  rdtsc: 'reads the time',
  rdtscp: 'reads the time',
  int1: 'under a hypervisor the trap comes with the address of the instruction itself',
};
const BY_FORM: readonly { readonly what: string; readonly why: string; readonly is: (d: Decoder) => boolean }[] = [
  {
    what: 'bsf and bsr with f3',
    why: 'are tzcnt and lzcnt on hosts that have them; x86-64-v2 ignores the prefix',
    is: (d) => (d.form?.name === 'bsf' || d.form?.name === 'bsr') && d.repeat === 1,
  },
  {
    what: 'loope and loopne with a repeat prefix',
    why: 'look at ZF as that prefix does, on AMD; the manual leaves it open',
    is: (d) => (d.form?.name === 'loope' || d.form?.name === 'loopne') && d.repeat !== 0,
  },
  {
    what: 'verw with lock',
    why: 'is verw all the same on some of AMD',
    is: (d) => d.lock && d.form?.name === 'verw',
  },
  {
    what: 'mov of control registers with lock',
    why: 'is another way to cr8 on AMD',
    is: (d) => d.lock && d.form?.operands.some((o) => o.bank === 'cr') === true,
  },
];

/** What Linux does in the CPU's place (UMIP). */
export const EMULATED = new Set(['sgdt', 'sidt', 'smsw', 'sldt', 'str']);

/** Why the instruction just decoded is left out; undefined: it isn't. */
export function excluded(d: Decoder, ops: readonly OpValue[]): string | undefined {
  const { form } = d;
  if (!form) return undefined;
  if (!ops[form.id]?.sem) return 'a newer instruction, which the host may have';
  return BY_NAME[form.name] ?? BY_FORM.find((e) => e.is(d))?.why;
}
export const excludedByName = (name: string): boolean => name in BY_NAME;
/** All of it in words. */
export function exclusions(): string {
  return [
    ...Object.entries(BY_NAME).map(([name, why]) => `${name} ${why}`),
    ...BY_FORM.map((e) => `${e.what} ${e.why}`),
  ].join('; ');
}
