/** Integer types under the names C headers use, where they differ from the trace's. */
export { int as s32t, long, s64, u16, u64, uint as u32t, ulong } from './type.ts';
