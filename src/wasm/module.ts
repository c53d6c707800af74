// A module from functions: types, imports, one table, exports, code. Only what the engine's modules need.
import { Bytes } from './bytes.ts';
import type { Code } from './code.ts';
import { uleb } from './leb.ts';
import { VALTYPE, type ValType } from './ops.ts';

export interface FunctionType {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}
interface Import {
  readonly module: string;
  readonly name: string;
  readonly desc: readonly number[];
}

export class ModuleWriter {
  readonly #types: FunctionType[] = [];
  readonly #imports: Import[] = [];
  #importedFunctions = 0;
  readonly #functions: { type: number; code: Code | undefined }[] = [];
  readonly #exports: { name: string; kind: number; index: number }[] = [];
  readonly #elements: number[] = [];
  #table: { min: number; max?: number } | undefined;

  type(params: readonly ValType[], results: readonly ValType[]): number {
    const same = this.#types.findIndex((t) => t.params.join() === params.join() && t.results.join() === results.join());
    return same >= 0 ? same : this.#types.push({ params, results }) - 1;
  }
  /** Limits flag 3 is a shared memory, 1 one that isn't. */
  importMemory(module: string, name: string, minPages: number, maxPages: number, shared = true): void {
    const desc = [2, shared ? 3 : 1];
    uleb(desc, minPages);
    uleb(desc, maxPages);
    this.#imports.push({ module, name, desc });
  }
  importFunction(module: string, name: string, params: readonly ValType[], results: readonly ValType[]): number {
    if (this.#functions.length) throw new Error('imports come before functions');
    const desc = [0];
    uleb(desc, this.type(params, results));
    this.#imports.push({ module, name, desc });
    return this.#importedFunctions++;
  }
  /** Reserves an index; `define` gives the body. */
  declare(params: readonly ValType[], results: readonly ValType[]): number {
    this.#functions.push({ type: this.type(params, results), code: undefined });
    return this.#importedFunctions + this.#functions.length - 1;
  }
  define(index: number, code: Code): void {
    const f = this.#functions[index - this.#importedFunctions];
    if (!f) throw new Error(`no function ${index}`);
    f.code = code;
  }
  function(params: readonly ValType[], results: readonly ValType[], code: Code): number {
    const index = this.declare(params, results);
    this.define(index, code);
    return index;
  }
  export(name: string, functionIndex: number): void {
    this.#exports.push({ name, kind: 0, index: functionIndex });
  }
  /** Table 0 with these functions from slot 0 on. */
  table(functions: readonly number[], exportAs?: string): void {
    this.#table = { min: functions.length };
    this.#elements.push(...functions);
    if (exportAs) this.#exports.push({ name: exportAs, kind: 1, index: 0 });
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes(16384);
    out.all([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, write: (to: Bytes) => void): void => {
      if (count === 0) return;
      const body = new Bytes();
      body.uleb(count);
      write(body);
      out.byte(id);
      out.uleb(body.length);
      out.append(body);
    };
    const string = (to: Bytes, s: string): void => {
      to.uleb(s.length);
      for (let i = 0; i < s.length; i++) to.byte(s.charCodeAt(i));
    };
    section(1, this.#types.length, (to) => {
      for (const t of this.#types) {
        to.byte(0x60);
        to.uleb(t.params.length);
        for (const p of t.params) to.byte(VALTYPE[p]);
        to.uleb(t.results.length);
        for (const r of t.results) to.byte(VALTYPE[r]);
      }
    });
    section(2, this.#imports.length, (to) => {
      for (const i of this.#imports) {
        string(to, i.module);
        string(to, i.name);
        to.all(i.desc);
      }
    });
    section(3, this.#functions.length, (to) => {
      for (const f of this.#functions) to.uleb(f.type);
    });
    section(4, this.#table ? 1 : 0, (to) => {
      to.all([0x70, 0]);
      to.uleb(this.#table?.min ?? 0);
    });
    section(7, this.#exports.length, (to) => {
      for (const e of this.#exports) {
        string(to, e.name);
        to.byte(e.kind);
        to.uleb(e.index);
      }
    });
    section(9, this.#elements.length ? 1 : 0, (to) => {
      to.all([0, 0x41, 0, 0x0b]);
      to.uleb(this.#elements.length);
      for (const f of this.#elements) to.uleb(f);
    });
    const code = new Bytes(16384);
    const hints = new Bytes();
    let hinted = 0;
    code.uleb(this.#functions.length);
    this.#functions.forEach((f, i) => {
      if (!f.code) throw new Error('a declared function has no body');
      const list = f.code.write(code);
      if (list.length === 0) return;
      hinted++;
      hints.uleb(this.#importedFunctions + i);
      hints.uleb(list.length);
      for (const { at, taken } of list) {
        hints.uleb(at);
        hints.all([1, taken ? 1 : 0]);
      }
    });
    if (hinted) {
      // WebAssembly's branch hinting proposal: an engine that doesn't know it skips the section.
      const body = new Bytes();
      string(body, 'metadata.code.branch_hint');
      body.uleb(hinted);
      body.append(hints);
      out.byte(0);
      out.uleb(body.length);
      out.append(body);
    }
    if (this.#functions.length) {
      out.byte(10);
      out.uleb(code.length);
      out.append(code);
    }
    return out.view().slice();
  }
}
