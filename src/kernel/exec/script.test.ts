import { expect, it } from 'vitest';
import { ENOEXEC } from '../../abi/errno.ts';
import { HEAD, shebang } from './script.ts';

function head(text: string): Uint8Array {
  const bytes = new Uint8Array(HEAD);
  bytes.set(Uint8Array.from(text.slice(0, HEAD), (c) => c.charCodeAt(0)));
  return bytes;
}
it.each([
  ['#!/bin/sh\n', { interpreter: '/bin/sh', argument: undefined }],
  ['#! \t/bin/sh  -e x \t\nrest', { interpreter: '/bin/sh', argument: '-e x' }],
  ['#!/bin/sh -e ', { interpreter: '/bin/sh', argument: '-e ' }],
  ['#!/bin/sh\0-e\n', { interpreter: '/bin/sh', argument: undefined }],
  ['#!', { interpreter: '', argument: undefined }],
  [`#!/bin/sh ${'a'.repeat(300)}`, { interpreter: '/bin/sh', argument: 'a'.repeat(HEAD - 1 - 10) }],
  ['echo', undefined],
  ['#!\n', ENOEXEC],
  ['#!  \t \n', ENOEXEC],
  [`#!/${'a'.repeat(300)}`, ENOEXEC],
  [`#!${' '.repeat(300)}`, ENOEXEC],
])('reads the first line %j', (text, wanted) => {
  expect(shebang(head(text))).toEqual(wanted);
});
