// Instructions that are decoded and shown but not executed (#UD, as on a CPU without them): one line each.
import { op } from './op.ts';

/** Lines of "name encoding | encoding ..."; what the encodings say: op.ts. `$` in an encoding stands for the name. */
export function table(lines: string): void {
  for (const line of lines.split('\n')) {
    const words = line.trim().split(/\s+/);
    const name = words[0] as string;
    if (name)
      op(name, {
        enc: words.slice(1).join(' ').replaceAll('$', name).split(' | '),
      });
  }
}

/** A pair that EVEX.W tells apart: 32-bit and 64-bit elements, with broadcast. `rest` is "pp map opcode operands attributes". */
export function pair(narrow: string, wide: string, rest: string): void {
  table(`${narrow} evex w0 ${rest} b32\n${wide} evex w1 ${rest} b64`);
}
/** The same with bytes and words, or scalars: no broadcast. */
export function plainPair(narrow: string, wide: string, rest: string): void {
  table(`${narrow} evex w0 ${rest}\n${wide} evex w1 ${rest}`);
}
