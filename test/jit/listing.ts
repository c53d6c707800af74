// Text of a generated module's functions: what golden files hold, an operator a line.
import { LOADS, OPS, STORES } from '../../src/wasm/ops.ts';

type Kind = 'plain' | 'memory' | 'lane';
const names = new Map<string, { readonly name: string; readonly kind: Kind }>();
for (const [name, { code }] of Object.entries(OPS))
  names.set(code.join(), { name, kind: name.endsWith('_lane') || /_lane_[su]$/.test(name) ? 'lane' : 'plain' });
for (const [name, { code }] of Object.entries(LOADS)) names.set(code.join(), { name, kind: 'memory' });
for (const [name, code] of Object.entries(STORES)) names.set(code.join(), { name, kind: 'memory' });
const TYPES: Record<number, string> = { 0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128' };

class Reader {
  readonly #b: Uint8Array;
  at = 0;
  constructor(b: Uint8Array) {
    this.#b = b;
  }
  get end(): boolean {
    return this.at >= this.#b.length;
  }
  byte(): number {
    return this.#b[this.at++] as number;
  }
  uleb(): number {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      n += (b & 127) * 2 ** shift;
      if (b < 128) return n;
    }
  }
  sleb(): bigint {
    let n = 0n;
    for (let shift = 0n; ; ) {
      const b = this.byte();
      n |= BigInt(b & 127) << shift;
      shift += 7n;
      if (b < 128) return BigInt.asIntN(64, b & 64 ? n - (1n << shift) : n);
    }
  }
  bytes(n: number): Uint8Array {
    this.at += n;
    return this.#b.subarray(this.at - n, this.at);
  }
}
const hex = (n: bigint): string =>
  n < 10n && n > -10n ? n.toString() : n < 0n ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`;

/** Lines of each function of a module, and how many operators it has (block structure left out). */
export function listing(module: Uint8Array): { readonly lines: string[]; readonly operators: number }[] {
  const r = new Reader(module);
  r.bytes(8);
  let imported: string[] = [];
  while (!r.end) {
    const id = r.byte();
    const section = new Reader(r.bytes(r.uleb()));
    if (id === 2) imported = imports(section);
    if (id === 10)
      return Array.from({ length: section.uleb() }, () => body(new Reader(section.bytes(section.uleb())), imported));
  }
  return [];
}
function imports(r: Reader): string[] {
  const functions: string[] = [];
  const text = (): string => String.fromCharCode(...r.bytes(r.uleb()));
  for (let n = r.uleb(); n > 0; n--) {
    text();
    const name = text();
    if (r.byte() === 0) {
      r.uleb();
      functions.push(name);
    } else {
      r.byte();
      r.uleb();
      r.uleb();
    }
  }
  return functions;
}
function body(r: Reader, imported: readonly string[]): { lines: string[]; operators: number } {
  const lines: string[] = [];
  for (let n = r.uleb(); n > 0; n--) lines.push(`local ${r.uleb()} ${TYPES[r.byte()]}`);
  let depth = 0;
  let operators = 0;
  const put = (s: string): void => {
    lines.push('  '.repeat(depth) + s);
  };
  const block = (name: string): void => {
    const type = TYPES[r.byte()];
    put(type ? `${name} ${type}` : name);
    depth++;
  };
  while (!r.end) {
    const at = r.at;
    let op = r.byte();
    switch (op) {
      case 0x02:
        block('block');
        continue;
      case 0x03:
        block('loop');
        continue;
      case 0x04:
        operators++;
        block('if');
        continue;
      case 0x05:
        depth--;
        put('else');
        depth++;
        continue;
      case 0x0b:
        depth--;
        if (depth >= 0) put('end');
        continue;
    }
    operators++;
    if (op === 0x00) put('unreachable');
    else if (op === 0x0c || op === 0x0d) put(`${op === 0x0c ? 'br' : 'br_if'} ${r.uleb()}`);
    else if (op === 0x0e) put(`br_table ${Array.from({ length: r.uleb() + 1 }, () => r.uleb()).join(' ')}`);
    else if (op === 0x0f) put('return');
    else if (op === 0x10) {
      const f = r.uleb();
      put(`call ${imported[f] ?? f}`);
    } else if (op === 0x11) put(`call_indirect ${r.uleb()} ${r.uleb()}`);
    else if (op === 0x1a) put('drop');
    else if (op === 0x1b) put('select');
    else if (op === 0x1c) {
      r.uleb();
      put(`select ${TYPES[r.byte()]}`);
    } else if (op >= 0x20 && op <= 0x22) put(`local.${['get', 'set', 'tee'][op - 0x20]} ${r.uleb()}`);
    else if (op === 0x41) put(`i32.const ${hex(r.sleb())}`);
    else if (op === 0x42) put(`i64.const ${hex(r.sleb())}`);
    else if (op === 0x43) put(`f32.const ${new DataView(r.bytes(4).slice().buffer).getFloat32(0, true)}`);
    else if (op === 0x44) put(`f64.const ${new DataView(r.bytes(8).slice().buffer).getFloat64(0, true)}`);
    else {
      const code = [op];
      if (op === 0xfc || op === 0xfd) {
        const more = r.at;
        const n = r.uleb();
        op = 0x100 + n;
        r.at = more;
        while (r.at < more + (n > 127 ? 2 : 1)) code.push(r.byte());
        if (code[0] === 0xfd && n === 12) {
          put(`v128.const ${Array.from(r.bytes(16), (b) => b.toString(16)).join(' ')}`);
          continue;
        }
        if (code[0] === 0xfd && n === 13) {
          put(`i8x16.shuffle ${r.bytes(16).join(' ')}`);
          continue;
        }
        if (code[0] === 0xfc && (n === 10 || n === 11)) {
          r.bytes(n === 10 ? 2 : 1);
          put(n === 10 ? 'memory.copy' : 'memory.fill');
          continue;
        }
      }
      const known = names.get(code.join());
      if (!known) throw new Error(`operator ${code.map((c) => c.toString(16)).join(' ')} at ${at}`);
      if (known.kind === 'memory') {
        r.uleb();
        const offset = r.uleb();
        put(offset ? `${known.name} offset=${hex(BigInt(offset))}` : known.name);
      } else put(known.kind === 'lane' ? `${known.name} ${r.byte()}` : known.name);
    }
  }
  return { lines, operators };
}
