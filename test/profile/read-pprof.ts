// Reads what pprof reads, as far as the tests need it: messages of protocol buffers as lists of numbers and bytes by field.
type Fields = Map<number, (number | Uint8Array)[]>;

function fields(b: Uint8Array): Fields {
  const out: Fields = new Map();
  let at = 0;
  const varint = (): number => {
    let n = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = b[at++];
      if (byte === undefined) throw new Error('a message ends within a number');
      n += (byte & 127) * shift;
      if (byte < 128) return n;
    }
  };
  while (at < b.length) {
    const key = varint();
    const wire = key & 7;
    if (wire !== 0 && wire !== 2) throw new Error(`wire type ${wire}`);
    let value: number | Uint8Array = varint();
    if (wire === 2) {
      const from = at;
      at += value;
      if (at > b.length) throw new Error('a message ends within a field');
      value = b.subarray(from, at);
    }
    out.set(key >> 3, [...(out.get(key >> 3) ?? []), value]);
  }
  return out;
}
const numbers = (packed: Uint8Array): number[] => {
  const out: number[] = [];
  let n = 0;
  let shift = 1;
  for (const byte of packed) {
    n += (byte & 127) * shift;
    shift *= 128;
    if (byte < 128) {
      out.push(n);
      n = 0;
      shift = 1;
    }
  }
  return out;
};
const messages = (f: Fields, n: number): Fields[] => (f.get(n) ?? []).map((m) => fields(m as Uint8Array));
const one = (f: Fields, n: number): number => (f.get(n)?.[0] as number | undefined) ?? 0;

export interface ReadSample {
  /** Names of functions, innermost first. */
  readonly stack: readonly string[];
  readonly values: readonly number[];
  readonly labels: Readonly<Record<string, string | number>>;
}
/** Sample types as `name/unit`, samples, comments. Throws where something isn't as it must be. */
export function readPprof(bytes: Uint8Array): { types: string[]; samples: ReadSample[]; comments: string[] } {
  const f = fields(bytes);
  const strings = (f.get(6) ?? []).map((s) => Buffer.from(s as Uint8Array).toString('utf8'));
  const string = (n: number): string => {
    const s = strings[n];
    if (s === undefined) throw new Error(`no string ${n}`);
    return s;
  };
  if (strings[0] !== '') throw new Error('the first string is not empty');
  const names = new Map(messages(f, 5).map((m) => [one(m, 1), string(one(m, 2))]));
  const locations = new Map(messages(f, 4).map((m) => [one(m, 1), one(messages(m, 4)[0] as Fields, 1)]));
  const nameAt = (location: number): string => {
    const name = names.get(locations.get(location) ?? -1);
    if (name === undefined) throw new Error(`no function at location ${location}`);
    return name;
  };
  const types = messages(f, 1).map((m) => `${string(one(m, 1))}/${string(one(m, 2))}`);
  const samples = messages(f, 2).map((m): ReadSample => {
    const values = numbers(m.get(2)?.[0] as Uint8Array);
    if (values.length !== types.length) throw new Error(`${values.length} values for ${types.length} types`);
    const labels = messages(m, 3).map((l) => [string(one(l, 1)), l.has(2) ? string(one(l, 2)) : one(l, 3)] as const);
    return { stack: numbers(m.get(1)?.[0] as Uint8Array).map(nameAt), values, labels: Object.fromEntries(labels) };
  });
  return { types, samples, comments: (f.get(13) ?? []).map((n) => string(n as number)) };
}
