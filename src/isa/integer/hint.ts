// Instructions that do nothing here, and nothing on a CPU that doesn't know them: nop, prefetches, control-flow marks, bounds, cache hints.
import { op } from '../op.ts';

const nothing = (): undefined => undefined;
export const nop = op('nop', {
  enc: ['rexb0 90', '0f 1f Ev', '0f 18 Ev', '0f 19 Ev', '0f 1a Ev', '0f 1b Ev', '0f 1c Ev', '0f 1d Ev', '0f 1e Ev'],
  access: ['a'],
  hot: true,
  sem: nothing,
});
const hint = (name: string, ...enc: string[]) => op(name, { enc, access: ['a', 'a'], sem: nothing });
export const pause = hint('pause', 'f3 rexb0 90');
export const endbr64 = op('endbr64', { enc: ['f3 0f 1e:fa'], hot: true, sem: nothing });
export const endbr32 = hint('endbr32', 'f3 0f 1e:fb');
/** Reads the shadow stack pointer where there is one: else the register stays. */
export const rdssp = [hint('rdsspd', 'w0 f3 0f 1e/1 Rd'), hint('rdsspq', 'w1 f3 0f 1e/1 Rq')];
export const prefetches = [
  hint('prefetchnta', '0f 18/0 Mb'),
  hint('prefetcht0', '0f 18/1 Mb'),
  hint('prefetcht1', '0f 18/2 Mb'),
  hint('prefetcht2', '0f 18/3 Mb'),
  hint('prefetch', '0f 0d Mb'),
  hint('prefetchw', '0f 0d/1 Mb'),
  hint('prefetchwt1', '0f 0d/2 Mb'),
];
/** MPX, which CPUs have dropped again. */
export const bounds = [
  hint('bndldx', 'np 0f 1a BG,Mnone'),
  hint('bndmov', '66 0f 1a BG,BEnone', '66 0f 1b BEnone,BG'),
  hint('bndcl', 'f3 0f 1a BG,En'),
  hint('bndcu', 'f2 0f 1a BG,En'),
  hint('bndstx', 'np 0f 1b Mnone,BG'),
  hint('bndmk', 'f3 0f 1b BG,Mn'),
  hint('bndcn', 'f2 0f 1b BG,En'),
];
export const fences = [hint('lfence', 'np 0f ae/5r'), hint('mfence', 'np 0f ae/6r'), hint('sfence', 'np 0f ae/7r')];
export const cldemote = hint('cldemote', 'np 0f 1c/0 Mb');
/** Writing back or dropping a line changes nothing a program can see, but the address must be readable. */
export const clflush = op('clflush', { enc: ['np 0f ae/7 Mb'], access: ['r'], sem: nothing });
