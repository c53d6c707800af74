// The tables of the running CPU, from the file that the build made (dist/tables.bin): nothing is parsed and no definition is loaded.
import { DecodeTable } from '../isa/table.ts';

export interface Tables {
  /** What packTranslation made. */
  readonly translation: Uint8Array;
  /** The decoder's, which most programs don't need. */
  readonly decode: DecodeTable;
}
/** Reads what makeTables packed. */
export function readTables(packed: Uint8Array): Tables {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  let decode: DecodeTable | undefined;
  return {
    translation: packed.subarray(4, 4 + length),
    get decode() {
      decode ??= new DecodeTable(packed.subarray(4 + length));
      return decode;
    },
  };
}
