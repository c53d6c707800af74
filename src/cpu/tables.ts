// What the running CPU needs of the definitions: made from them at build time (generate.ts), read back at start.
import { type Form, forms, type MapName } from '../isa/encoding.ts';
import { ops } from '../isa/index.ts';
import { handlerTable } from './interp/handlers.ts';

export interface Tables {
  readonly byOpcode: Readonly<Record<MapName, readonly (readonly Form[])[]>>;
  /** See HandlerTable.numbers. */
  readonly numbers: Uint16Array;
}
export function makeTables(): Tables & { handlers: ReturnType<typeof handlerTable> } {
  const { all, byOpcode } = forms(ops);
  const handlers = handlerTable(all);
  return { byOpcode, numbers: handlers.numbers, handlers };
}
