// What the running CPU needs of the definitions: made from them at build time (generate.ts), read back at start.
import { forms } from '../isa/encoding.ts';
import { ops } from '../isa/index.ts';
import { DecodeTable, packForms } from '../isa/table.ts';
import { type HandlerTable, handlerTable } from './interp/handlers.ts';
import { packHandlers } from './jit/handler-table.ts';
import { packTranslation } from './translation-table.ts';

/** Makes the file that readTables reads, and what the interpreter is generated from. */
export function makeTables(): { packed: Uint8Array; handlers: HandlerTable; packedHandlers: Uint8Array } {
  const all = forms(ops);
  const handlers = handlerTable(all);
  const table = packForms(all);
  const translation = packTranslation(new DecodeTable(table), handlers.numbers);
  const packed = new Uint8Array(4 + translation.length + table.length);
  new DataView(packed.buffer).setUint32(0, translation.length, true);
  packed.set(translation, 4);
  packed.set(table, 4 + translation.length);
  return { packed, handlers, packedHandlers: packHandlers(handlers.handlers, ops) };
}
