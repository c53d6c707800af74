// The tables of the running CPU, from the file that the build made (dist/tables.bin): nothing is parsed and no definition is loaded.
import { DecodeTable } from '../isa/table.ts';

export interface Tables {
  readonly decode: DecodeTable;
  /** See HandlerTable.numbers. */
  readonly numbers: Uint16Array;
}
/** Reads what makeTables packed. */
export function readTables(packed: Uint8Array): Tables {
  const bytes = packed.byteOffset % 4 ? packed.slice() : packed;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return {
    numbers: new Uint16Array(bytes.buffer, bytes.byteOffset + 4, length / 2),
    decode: new DecodeTable(bytes.subarray(4 + length)),
  };
}
