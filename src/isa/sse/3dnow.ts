// table
// AMD's 3DNow!, which no CPU executes any more: the opcode stands behind the operands.
import { table } from '../decoded.ts';

for (const [name, opcode] of [
  ['pi2fw', '0c'],
  ['pi2fd', '0d'],
  ['pf2iw', '1c'],
  ['pf2id', '1d'],
  ['pfnacc', '8a'],
  ['pfpnacc', '8e'],
  ['pfcmpge', '90'],
  ['pfmin', '94'],
  ['pfrcp', '96'],
  ['pfrsqrt', '97'],
  ['pfsub', '9a'],
  ['pfadd', '9e'],
  ['pfcmpgt', 'a0'],
  ['pfmax', 'a4'],
  ['pfrcpit1', 'a6'],
  ['pfrsqit1', 'a7'],
  ['pfsubr', 'aa'],
  ['pfacc', 'ae'],
  ['pfcmpeq', 'b0'],
  ['pfmul', 'b4'],
  ['pfrcpit2', 'b6'],
  ['pmulhrw', 'b7'],
  ['pswapd', 'bb'],
  ['pavgusb', 'bf'],
] as const)
  table(`${name} 3dnow ${opcode} Pq,Qq`);
table('femms 0f 0e');
