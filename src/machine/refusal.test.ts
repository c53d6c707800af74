import { expect, test } from 'vitest';
import { isText, whyNotExecutable } from './refusal.ts';

const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));
function elf(change: Readonly<Record<number, number>> = {}): Uint8Array {
  const head = new Uint8Array(64);
  head.set(bytes('\x7fELF\x02\x01\x01'));
  head[16] = 3;
  head[18] = 62;
  for (const [at, value] of Object.entries(change)) head[Number(at)] = value;
  return head;
}

test('what a shell may try as a script', () => {
  expect(isText(bytes('echo hello\n\0'))).toBe(true);
  expect(isText(new Uint8Array(0))).toBe(true);
  expect(isText(bytes('a\0b\n'))).toBe(false);
  expect(isText(elf())).toBe(false);
});
test('the reason names what is wrong with an ELF file', () => {
  expect(whyNotExecutable(bytes('\x00\x01'))).toContain('neither ELF nor a script');
  expect(whyNotExecutable(elf().subarray(0, 20))).toContain('within its ELF header');
  expect(whyNotExecutable(elf({ 18: 183 }))).toContain('AArch64');
  expect(whyNotExecutable(elf({ 4: 1, 18: 3 }))).toContain('32-bit i386');
  expect(whyNotExecutable(elf({ 16: 1 }))).toContain('object file');
  expect(whyNotExecutable(elf())).toContain('program headers');
});
