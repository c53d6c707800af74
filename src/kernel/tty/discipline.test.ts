import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as T from '../../abi/termios.ts';
import { Discipline } from './discipline.ts';

function make(change: Partial<T.Settings> = {}) {
  const shown: number[] = [];
  const signals: number[] = [];
  const settings = { ...T.COOKED, c_cc: T.COOKED.c_cc.slice(), ...change };
  const d = new Discipline(settings, {
    emit: (b) => shown.push(...b),
    signal: (s) => signals.push(s),
    flow: () => {},
  });
  const type = (text: string): void => {
    d.receive(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  };
  const read = (n = 100): string | undefined => {
    const into = new Uint8Array(n);
    const got = d.take(into);
    return got === undefined ? undefined : String.fromCharCode(...into.subarray(0, got));
  };
  return { d, type, read, signals, screen: () => String.fromCharCode(...shown.splice(0)) };
}

describe('the line discipline', () => {
  it('gives lines, not what is still being typed', () => {
    const { type, read } = make();
    type('one\ntwo\nthr');
    expect(read()).toBe('one\n');
    expect(read(2)).toBe('tw');
    expect(read()).toBe('o\n');
    expect(read()).toBeUndefined();
  });
  it('edits: erase, word erase, kill, and several bytes of one character', () => {
    const { type, read, screen } = make();
    type('abc\x7f\x7fx one two\x17\x17y\n');
    expect(read()).toBe('ax y\n');
    screen();
    type('\xc3\xa4\x7f\x15z\n');
    expect(read()).toBe('z\n');
    expect(screen()).toBe('\xc3\xa4\b \bz\r\n');
  });
  it('ends a line by ^D without a byte, and at its start the file', () => {
    const { type, read } = make();
    type('part\x04\x04');
    expect(read()).toBe('part');
    expect(read()).toBe('');
    expect(read()).toBeUndefined();
  });
  it('makes signals of keys, and forgets what was typed', () => {
    const { type, read, signals, screen } = make();
    type('lost\x03\x1c\x1akept\n');
    expect(signals).toEqual([2, 3, 20]);
    expect(read()).toBe('kept\n');
    expect(screen()).toBe('lost^C^\\^Zkept\r\n');
  });
  it('passes bytes as they come without ICANON', () => {
    const { type, read, screen } = make({ c_lflag: 0, c_iflag: 0, c_oflag: 0 });
    type('\x03\r\n\x7f');
    expect(read()).toBe('\x03\r\n\x7f');
    expect(screen()).toBe('');
  });
  it('never holds more than its buffer, whatever comes, and a line can still end', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }), fc.integer(), (pieces, lflag) => {
        const { d, read } = make({ c_lflag: lflag & 0o177777 });
        for (const p of pieces) d.receive(p);
        expect(d.available).toBeLessThanOrEqual(4096);
        for (let i = 0; i < 100 && read(50) !== undefined; i++);
      }),
    );
  });
});
