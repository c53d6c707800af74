// How to find a function's caller: the call frame information of .eh_frame (DWARF 5, 6.4; Linux Standard Base, Exception Frames). Registers have
// DWARF's numbers (AMD64 psABI, figure 3.36): 6 is rbp, 7 rsp, 16 the return address. The file is the guest's: what isn't understood gives no rules.
import { type ElfFile, lastAtMost, viewOf } from './elf-file.ts';

/** Where a register's value of the caller is: at an offset from the frame's address, or at the address an expression gives; 'none': there is no caller. */
export type Rule = { readonly offset: number } | { readonly expression: Uint8Array } | 'none';
export interface Row {
  /** The frame's address (CFA). */
  cfa: { readonly register: number; readonly offset: number } | { readonly expression: Uint8Array } | undefined;
  /** By register; absent: unchanged. */
  rules: Map<number, Rule>;
  /** The frame of a signal handler's return: the caller was interrupted, not in a call. */
  signal: boolean;
}

const PT_GNU_EH_FRAME = 0x6474e550;
/** The encodings that linkers write in .eh_frame_hdr: a count of 4 bytes, a table of pairs of 4 bytes relative to its start. */
const COUNT_UDATA4 = 0x03;
const TABLE_DATAREL_SDATA4 = 0x3b;
const POINTER_SDATA4 = 0x0b;
const MOST_ENTRY = 0x1_0000;
const MOST_REMEMBERED = 64;

/** What a file says makes no sense. */
export class Malformed extends Error {}

/** Reads numbers one behind the other; throws Malformed at the end. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
  get more(): boolean {
    return this.at < this.#bytes.length;
  }
  #take(n: number): number {
    const at = this.at;
    if (at + n > this.#bytes.length) throw new Malformed();
    this.at += n;
    return at;
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }
  uleb(): number {
    let n = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.u8();
      n += (byte & 127) * shift;
      if (byte < 128) return n;
    }
  }
  sleb(): number {
    let n = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.u8();
      n += (byte & 127) * shift;
      if (byte < 128) return byte & 64 ? n - shift * 128 : n;
    }
  }
  bytes(n: number): Uint8Array {
    const at = this.#take(n);
    return this.#bytes.subarray(at, at + n);
  }
  text(): string {
    let s = '';
    for (let c = this.u8(); c; c = this.u8()) s += String.fromCharCode(c);
    return s;
  }
}
interface Common {
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly signal: boolean;
  readonly augmented: boolean;
  readonly program: Uint8Array;
}

export class UnwindTable {
  readonly #file: ElfFile;
  /** Where functions begin, sorted, and where their entries (FDE) are. */
  readonly #begins = new Float64Array(0);
  readonly #entries = new Float64Array(0);
  readonly #rows = new Map<number, Row | undefined>();

  constructor(file: ElfFile) {
    this.#file = file;
    const s = file.segments.find((x) => x.type === PT_GNU_EH_FRAME);
    const bytes = s ? file.read(s.offset, s.size) : new Uint8Array(0);
    if (!s || bytes.length < 12 || bytes[0] !== 1) return;
    if (bytes[2] !== COUNT_UDATA4 || bytes[3] !== TABLE_DATAREL_SDATA4) return;
    const v = viewOf(bytes);
    const count = Math.min(v.getUint32(8, true), Math.floor((bytes.length - 12) / 8));
    const pairs = Array.from({ length: count }, (_, i) => [
      s.address + v.getInt32(12 + 8 * i, true),
      s.address + v.getInt32(16 + 8 * i, true),
    ]).sort((a, b) => (a[0] as number) - (b[0] as number));
    this.#begins = Float64Array.from(pairs, (p) => p[0] as number);
    this.#entries = Float64Array.from(pairs, (p) => p[1] as number);
  }
  /** Where the function begins that an address of the file's is in. */
  begin(address: number): number | undefined {
    return this.#begins[lastAtMost(this.#begins, (b) => b, address)];
  }
  /** The rules that hold before the instruction at an address. */
  row(address: number): Row | undefined {
    if (this.#rows.has(address)) return this.#rows.get(address);
    let row: Row | undefined;
    try {
      row = this.#find(address);
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
    }
    this.#rows.set(address, row);
    return row;
  }
  /** An entry's contents behind its length. */
  #entry(address: number): Uint8Array {
    const head = this.#file.readAddress(address, 4);
    const length = head.length === 4 ? viewOf(head).getUint32(0, true) : 0;
    if (length < 4 || length > MOST_ENTRY) throw new Malformed();
    return this.#file.readAddress(address + 4, length);
  }
  #find(address: number): Row | undefined {
    const i = lastAtMost(this.#begins, (b) => b, address);
    if (i < 0) return undefined;
    const at = this.#entries[i] as number;
    const r = new Reader(this.#entry(at));
    const common = this.#common(at + 4 - r.u32());
    const begin = at + 8 + r.i32();
    if (address >= begin + r.u32()) return undefined;
    if (common.augmented) r.bytes(r.uleb());
    const row: Row = { cfa: undefined, rules: new Map(), signal: common.signal };
    interpret(new Reader(common.program), common, row, undefined, Number.POSITIVE_INFINITY);
    interpret(r, common, row, new Map(row.rules), address - begin);
    return row;
  }
  #common(at: number): Common {
    const r = new Reader(this.#entry(at));
    if (r.u32() !== 0) throw new Malformed();
    const version = r.u8();
    const augmentation = r.text();
    const codeAlign = r.uleb();
    const dataAlign = r.sleb();
    if (version === 1) r.u8();
    else r.uleb();
    let pointers = 0;
    if (augmentation.startsWith('z')) {
      const a = new Reader(r.bytes(r.uleb()));
      for (const letter of augmentation.slice(1)) {
        if (letter === 'R') pointers = a.u8();
        else if (letter === 'L') a.u8();
        else if (letter === 'P') a.bytes((a.u8() & 7) === 4 ? 8 : 4);
      }
    }
    if ((pointers & 0x0f) !== POINTER_SDATA4) throw new Malformed();
    const program = r.bytes(this.#entry(at).length - r.at);
    return {
      codeAlign,
      dataAlign,
      signal: augmentation.includes('S'),
      augmented: augmentation.startsWith('z'),
      program,
    };
  }
}

/** Runs instructions (DW_CFA_*) as far as they concern a place, counted from the function's begin. `initial`: what `restore` goes back to. */
function interpret(
  r: Reader,
  common: Common,
  row: Row,
  initial: ReadonlyMap<number, Rule> | undefined,
  until: number,
): void {
  const { codeAlign, dataAlign } = common;
  const remembered: Pick<Row, 'cfa' | 'rules'>[] = [];
  let at = 0;
  const restore = (register: number): void => {
    const rule = initial?.get(register);
    if (rule) row.rules.set(register, rule);
    else row.rules.delete(register);
  };
  const cfaOffset = (offset: number): void => {
    if (!row.cfa || !('register' in row.cfa)) throw new Malformed();
    row.cfa = { register: row.cfa.register, offset };
  };
  while (r.more) {
    const op = r.u8();
    const low = op & 0x3f;
    if (op >= 0xc0) restore(low);
    else if (op >= 0x80) row.rules.set(low, { offset: r.uleb() * dataAlign });
    else if (op >= 0x40 || (op >= 2 && op <= 4)) {
      at += codeAlign * (op >= 0x40 ? low : op === 2 ? r.u8() : op === 3 ? r.u16() : r.u32());
      if (at > until) return;
    } else
      switch (op) {
        case 0x00: // nop
          break;
        case 0x05: // offset_extended
          row.rules.set(r.uleb(), { offset: r.uleb() * dataAlign });
          break;
        case 0x06: // restore_extended
          restore(r.uleb());
          break;
        case 0x07: // undefined
          row.rules.set(r.uleb(), 'none');
          break;
        case 0x08: // same_value
          row.rules.delete(r.uleb());
          break;
        case 0x0a: // remember_state
          if (remembered.length >= MOST_REMEMBERED) throw new Malformed();
          remembered.push({ cfa: row.cfa, rules: new Map(row.rules) });
          break;
        case 0x0b: {
          // restore_state
          const state = remembered.pop();
          if (!state) throw new Malformed();
          row.cfa = state.cfa;
          row.rules = state.rules;
          break;
        }
        case 0x0c: // def_cfa
          row.cfa = { register: r.uleb(), offset: r.uleb() };
          break;
        case 0x0d: // def_cfa_register
          if (!row.cfa || !('register' in row.cfa)) throw new Malformed();
          row.cfa = { register: r.uleb(), offset: row.cfa.offset };
          break;
        case 0x0e: // def_cfa_offset
          cfaOffset(r.uleb());
          break;
        case 0x0f: // def_cfa_expression
          row.cfa = { expression: r.bytes(r.uleb()) };
          break;
        case 0x10: // expression
          row.rules.set(r.uleb(), { expression: r.bytes(r.uleb()) });
          break;
        case 0x11: // offset_extended_sf
          row.rules.set(r.uleb(), { offset: r.sleb() * dataAlign });
          break;
        case 0x12: // def_cfa_sf
          row.cfa = { register: r.uleb(), offset: r.sleb() * dataAlign };
          break;
        case 0x13: // def_cfa_offset_sf
          cfaOffset(r.sleb() * dataAlign);
          break;
        case 0x2e: // GNU_args_size
          r.uleb();
          break;
        default:
          throw new Malformed();
      }
  }
}
