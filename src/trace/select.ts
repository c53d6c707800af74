// Sets that -e expressions name: system calls, signals, descriptors, statuses. `!` inverts, `all` and `none` stand alone, items are joined by commas.
import { NSIG, signalName } from '../abi/signal.ts';
import type { Abi } from '../abi/type.ts';
import type { SyscallTable } from '../kernel/kernel.ts';
import { classNamed, inClass } from './classes.ts';

/** Numbers, or all but these. */
export interface NumberSet {
  readonly inverted: boolean;
  readonly members: ReadonlySet<number>;
}
/** System calls by number, for each ABI. */
export type CallSet = { readonly [A in Abi]: NumberSet };
/** What was wrong: strace's message; `usage` where it points to -h as well. */
export class Mistake {
  readonly message: string;
  readonly usage: boolean;
  constructor(message: string, usage = false) {
    this.message = message;
    this.usage = usage;
  }
}

export const EVERYTHING: NumberSet = { inverted: true, members: new Set() };
export const NOTHING: NumberSet = { inverted: false, members: new Set() };
export const ALL_CALLS: CallSet = { x64: EVERYTHING, i386: EVERYTHING };
export const NO_CALLS: CallSet = { x64: NOTHING, i386: NOTHING };
export const has = (s: NumberSet, n: number): boolean => s.members.has(n) !== s.inverted;

/** Leading exclamation marks and the words all and none; else the items. */
function split(text: string): { inverted: boolean; items: string[] } {
  let inverted = false;
  let at = 0;
  for (; text[at] === '!'; at++) inverted = !inverted;
  const rest = text.slice(at);
  if (rest === 'none') return { inverted, items: [] };
  if (rest === 'all') return { inverted: !inverted, items: [] };
  return { inverted, items: rest.split(',') };
}

/** A set of system calls: names, numbers, %classes, /expressions, each with ? before and @64, @32 behind. */
export function parseCalls(text: string, table: SyscallTable): CallSet | Mistake {
  const { inverted, items } = split(text);
  const members = { x64: new Set<number>(), i386: new Set<number>() };
  const words = items.filter((w) => w !== '');
  if (items.length && !words.length) return new Mistake(`invalid system call '${text.replace(/^!+/, '')}'`);
  for (const word of words) {
    const m = addCalls(word, table, members);
    if (m) return m;
  }
  return { x64: { inverted, members: members.x64 }, i386: { inverted, members: members.i386 } };
}
function addCalls(word: string, table: SyscallTable, into: Record<Abi, Set<number>>): Mistake | undefined {
  const item = word.replace(/^\?+/, '');
  const optional = item !== word;
  const cut = item.startsWith('/') ? -1 : item.lastIndexOf('@');
  const name = cut < 0 ? item : item.slice(0, cut);
  const personality = cut < 0 ? '' : item.slice(cut + 1);
  if (cut >= 0 && !['64', '32', 'x32'].includes(personality))
    return new Mistake(`incorrect personality designator '${personality}' in qualification '${item}'`, true);
  const accepts = matcher(name);
  if (accepts instanceof Mistake) return accepts;
  let matched = optional || personality === 'x32';
  for (const abi of ['x64', 'i386'] as const) {
    if (personality && (personality === '64') !== (abi === 'x64')) continue;
    table[abi].forEach((s, nr) => {
      if (!s || !accepts(s, nr)) return;
      matched = true;
      into[abi].add(nr);
    });
  }
  return matched || (optional && name === '') ? undefined : new Mistake(`invalid system call '${item}'`);
}
type Accepts = (s: NonNullable<SyscallTable['x64'][number]>, nr: number) => boolean;
function matcher(name: string): Accepts | Mistake {
  if (name.startsWith('/')) {
    try {
      const e = new RegExp(name.slice(1));
      return (s) => e.test(s.name);
    } catch {
      return new Mistake(`regcomp: ${name.slice(1)}: ${whyNoExpression(name.slice(1))}`);
    }
  }
  if (/^[0-9]+$/.test(name)) return (_s, nr) => nr === Number(name);
  const known = classNamed(name);
  if (known) return (s) => inClass(s, known);
  return (s) => s.name === name;
}
function whyNoExpression(e: string): string {
  if (/\[[^\]]*$/.test(e)) return 'Unmatched [, [^, [:, [., or [=';
  if (/\\$/.test(e)) return 'Trailing backslash';
  if (e.split('(').length > e.split(')').length) return 'Unmatched ( or \\(';
  return 'Invalid preceding regular expression';
}

/** Signals by name, with or without SIG, or number. */
export function parseSignals(text: string): NumberSet | Mistake {
  return numbers(text, 'signal', (word) => {
    if (/^[0-9]+$/.test(word)) return Number(word) < 256 ? Number(word) : undefined;
    const name = word.toUpperCase().startsWith('SIG') ? word.toUpperCase() : `SIG${word.toUpperCase()}`;
    for (let n = 1; n <= NSIG; n++) if (signalName(n) === name) return n;
    return undefined;
  });
}
/** Descriptors. */
export const parseDescriptors = (text: string): NumberSet | Mistake =>
  numbers(text, 'descriptor', (word) => (/^[0-9]{1,9}$/.test(word) ? Number(word) : undefined));

function numbers(text: string, what: string, value: (word: string) => number | undefined): NumberSet | Mistake {
  const { inverted, items } = split(text);
  const members = new Set<number>();
  const words = items.filter((w) => w !== '');
  if (items.length && !words.length) return new Mistake(`invalid ${what} '${text.replace(/^!+/, '')}'`);
  for (const word of words) {
    const n = value(word);
    if (n === undefined) return new Mistake(`invalid ${what} '${word}'`);
    members.add(n);
  }
  return { inverted, members };
}

/** Words of a fixed list; `aliases` give other spellings. */
export function parseWords<W extends string>(
  text: string,
  what: string,
  words: readonly W[],
  aliases: Readonly<Record<string, W>> = {},
): ReadonlySet<W> | Mistake {
  const chosen = numbers(text, what, (word) => {
    const n = words.indexOf((aliases[word] ?? word) as W);
    return n < 0 ? undefined : n;
  });
  return chosen instanceof Mistake ? chosen : new Set(words.filter((_, n) => has(chosen, n)));
}
