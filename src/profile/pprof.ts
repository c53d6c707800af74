// A profile as pprof reads it (https://github.com/google/pprof/blob/main/proto/profile.proto), not yet compressed.
import type { Profile } from './profile.ts';

/** A message of protocol buffers, written field by field (https://protobuf.dev/programming-guides/encoding). */
class Message {
  readonly #bytes: number[] = [];
  #varint(n: number): void {
    let rest = n;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) | 128);
    this.#bytes.push(rest);
  }
  /** An integer of at least 0, exact below 2^53. */
  integer(field: number, n: number): this {
    if (n === 0) return this;
    this.#varint(field << 3);
    this.#varint(n);
    return this;
  }
  bytes(field: number, b: ArrayLike<number>): this {
    this.#varint((field << 3) | 2);
    this.#varint(b.length);
    for (let i = 0; i < b.length; i++) this.#bytes.push(b[i] as number);
    return this;
  }
  message(field: number, m: Message): this {
    return this.bytes(field, m.#bytes);
  }
  packed(field: number, list: readonly number[]): this {
    const m = new Message();
    for (const n of list) m.#varint(n);
    return this.message(field, m);
  }
  take(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
const UTF8 = (s: string): number[] => {
  const out: number[] = [];
  for (const c of encodeURIComponent(s).matchAll(/%(..)|./g))
    out.push(c[1] ? Number.parseInt(c[1], 16) : c[0].charCodeAt(0));
  return out;
};

/** The message. Values of a sample: times it was seen, instructions, nanoseconds. Labels: program, pid, and how it was run. */
export function pprof(profile: Profile): Uint8Array {
  const strings: string[] = [''];
  const numbers = new Map([['', 0]]);
  const string = (s: string): number => {
    let n = numbers.get(s);
    if (n === undefined) {
      n = strings.push(s) - 1;
      numbers.set(s, n);
    }
    return n;
  };
  const type = (name: string, unit: string): Message => new Message().integer(1, string(name)).integer(2, string(unit));
  const out = new Message();
  out
    .message(1, type('samples', 'count'))
    .message(1, type('instructions', 'count'))
    .message(1, type('time', 'nanoseconds'));
  let total = 0;
  for (const p of profile.programs) {
    const same = new Map<string, { stack: readonly number[]; mode: string; values: [number, number, number] }>();
    for (const s of p.samples) {
      const key = `${s.mode} ${s.stack.join()}`;
      let sum = same.get(key);
      if (!sum) {
        sum = { stack: s.stack, mode: s.mode, values: [0, 0, 0] };
        same.set(key, sum);
      }
      sum.values[0]++;
      sum.values[1] += s.instructions;
      sum.values[2] += s.ms * 1e6;
    }
    for (const { stack, mode, values } of same.values()) {
      total += values[2];
      const sample = new Message()
        .packed(1, stack.map((f) => f + 1).reverse())
        .packed(2, values.map(Math.round))
        .message(3, new Message().integer(1, string('program')).integer(2, string(p.name)))
        .message(3, new Message().integer(1, string('pid')).integer(3, p.pid))
        .message(3, new Message().integer(1, string('run')).integer(2, string(mode)));
      out.message(2, sample);
    }
    for (const [cause, n] of Object.entries(p.exits))
      out.integer(13, string(`${p.name} (${p.pid}) left for ${cause}: ${n}`));
  }
  profile.frames.forEach((f, i) => {
    out.message(4, new Message().integer(1, i + 1).message(4, new Message().integer(1, i + 1)));
    const name = string(f.name);
    out.message(
      5,
      new Message()
        .integer(1, i + 1)
        .integer(2, name)
        .integer(3, name)
        .integer(4, string(f.file ?? '')),
    );
  });
  out.integer(10, Math.round(total)).integer(14, string('time'));
  for (const s of strings) out.bytes(6, UTF8(s));
  return out.take();
}
