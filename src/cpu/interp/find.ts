// Where code is translated: finds the block at an address, has it translated where its page is linear and may be executed, and links branches. What is out of the
// ordinary (pages not there yet, code outside the linear memory, no instruction, an arena that is full) is done in JavaScript (Cpu).
import { Code, type Node } from '../../wasm/code.ts';
import * as L from '../layout.ts';
import * as R from '../record.ts';
import { slotOf } from './compiled.ts';

/** Bucket of an address: offset of its word at BUCKETS. translations.ts has the same. */
function bucket(c: Code, lo: Node): Node {
  const hash = c.op('i32.xor', lo, c.op('i32.shr_u', lo, c.i32(R.BUCKET_SHIFT)));
  return c.op('i32.shl', c.op('i32.and', hash, c.i32(L.BUCKET_COUNT - 1)), c.i32(2));
}

function pageList(c: Code, address: Node): Node {
  const number = c.op('i32.wrap_i64', c.op('i64.shr_u', address, c.i64(12)));
  return c.op('i32.shl', c.op('i32.and', number, c.i32(L.PAGE_BLOCKS_COUNT - 1)), c.i32(2));
}
/** Address of a block's last byte. */
function lastByte(c: Code, block: Node): Node {
  const length = c.op('i64.sub', c.load('i64.load16_u', block, R.BLK_LENGTH), c.i64(1));
  return c.op('i64.add', c.load('i64.load', block, R.BLK_RIP), length);
}

/** (block): makes the next free block, as the translator left it, one that is found. */
export function addFunction(): Code {
  const c = new Code(['i32']);
  const block = c.param(0);
  const lo = c.load('i32.load', block, R.BLK_RIP);
  const link = (place: Node, table: number, next: number): void => {
    c.store('i32.store', block, c.load('i32.load', place, table), next);
    c.store('i32.store', place, block, table);
  };
  link(bucket(c, lo), L.BUCKETS, R.BLK_BUCKET);
  const first = pageList(c, c.load('i64.load', block, R.BLK_RIP));
  link(first, L.PAGE_BLOCKS, R.BLK_PAGE);
  const last = pageList(c, lastByte(c, block));
  c.if(c.op('i32.ne', first, last), () => link(last, L.PAGE_BLOCKS, R.BLK_PAGE2));
  c.store('i32.store', c.i32(0), c.op('i32.add', block, c.i32(R.BLOCK)), L.NEXT_BLOCK);
  c.return();
  return c;
}

/** Empties the lists of blocks and the hash, of what is in them. */
export function clearFunction(): Code {
  const c = new Code();
  const block = c.var('i32');
  c.set(block, c.i32(L.BLOCKS));
  const zero = (place: Node, table: number): void => {
    c.store('i32.store', place, c.i32(0), table);
  };
  c.block((done) =>
    c.loop((next) => {
      c.brIf(done, c.op('i32.ge_u', c.get(block), c.load('i32.load', c.i32(0), L.NEXT_BLOCK)));
      const lo = c.load('i32.load', c.get(block), R.BLK_RIP);
      zero(bucket(c, lo), L.BUCKETS);
      c.store('i64.store', slotOf(c, c.load('i64.load', c.get(block), R.BLK_RIP)), c.i64(0), L.RIP_HASH + 8);
      zero(pageList(c, c.load('i64.load', c.get(block), R.BLK_RIP)), L.PAGE_BLOCKS);
      zero(pageList(c, lastByte(c, c.get(block))), L.PAGE_BLOCKS);
      c.set(block, c.op('i32.add', c.get(block), c.i32(R.BLOCK)));
      c.br(next);
    }),
  );
  c.return();
  return c;
}

/** (lo): the block's first record, 0 where JavaScript must look. Sets state RIP. */
export function findFunction(own: { translate: number; add: number; metered: number }): Code {
  const c = new Code(['i32']);
  const lo = c.param(0);
  const block = c.var('i32');
  const refuse = (cond: Node): void => c.if(cond, () => c.return(c.i32(0)));
  refuse(c.load('i32.load', c.i32(0), L.RIP_BASE + 4));
  const code32 = c.op(
    'i32.eq',
    c.op('i32.and', c.load('i32.load16_u', c.i32(0), L.CS), c.i32(0xfffc)),
    c.i32(L.USER32_CS),
  );
  refuse(c.op('i32.ne', code32, c.load('i32.load', c.i32(0), L.CODE_32)));
  const rip = c.op('i64.extend_i32_u', lo);
  c.store('i64.store', c.i32(0), rip, L.RIP);
  c.set(block, c.load('i32.load', bucket(c, lo), L.BUCKETS));
  c.block((found) => {
    c.loop((next) => {
      c.block((none) => {
        c.brIf(none, c.op('i32.eqz', c.get(block)));
        c.brIf(found, c.op('i64.eq', c.load('i64.load', c.get(block), R.BLK_RIP), rip));
        c.set(block, c.load('i32.load', c.get(block), R.BLK_BUCKET));
        c.br(next);
      });
    });
    refuse(c.op('i32.ge_u', lo, c.i32(L.GUEST_END)));
    refuse(c.op('i32.gt_u', c.load('i32.load', c.i32(0), L.NEXT_RECORD), c.i32(L.CODE_FULL)));
    refuse(c.op('i32.ge_u', c.load('i32.load', c.i32(0), L.NEXT_BLOCK), c.i32(L.BLOCKS_END)));
    // Of pages that may be written to the right to must be withdrawn first.
    const plain = (page: Node, offset: number): Node =>
      c.op('i32.eq', c.op('i32.and', c.load('i32.load8_u', page, L.PERM + offset), c.i32(L.X | L.W)), c.i32(L.X));
    const page = c.op('i32.shr_u', lo, c.i32(12));
    refuse(c.op('i32.eqz', plain(page, 0)));
    const start = c.op('i32.shl', page, c.i32(12));
    const end = c.op('i32.add', start, c.op('i32.shl', c.op('i32.add', plain(page, 1), c.i32(1)), c.i32(12)));
    const metered = (begins: number): void =>
      c.if(c.load('i32.load', c.i32(0), L.METERED), () => c.callVoid(own.metered, c.i32(begins)));
    metered(1);
    c.set(block, c.call(own.translate, 'i32', rip, lo, end, c.i32(R.MOST)));
    metered(0);
    refuse(c.op('i32.eqz', c.get(block)));
    c.callVoid(own.add, c.get(block));
  });
  refuse(c.load('i32.load16_u', c.get(block), R.BLK_IMAGE));
  c.return(c.load('i32.load', c.get(block), R.BLK_FIRST));
  c.trapHere();
  return c;
}

/** (lo, hi): the record at an address, 0 where nothing can be fetched; the hash leads there from now on. `other`: the import that JavaScript serves. */
export function lookupFunction(find: number, other: number): Code {
  const c = new Code(['i32', 'i32']);
  c.if(c.op('i32.eqz', c.param(1)), () => {
    const first = c.call(find, 'i32', c.param(0));
    c.if(first, () => {
      const rip = c.op('i64.extend_i32_u', c.param(0));
      const slot = slotOf(c, rip);
      c.store('i64.store', slot, rip, L.RIP_HASH);
      c.store('i32.store', slot, first, L.RIP_HASH + 8);
      const compiled = c.op('i32.eq', c.load('i32.load16_u', first, R.REC_OP), c.i32(R.OP_ENTER));
      const entry = c.select(compiled, c.load('i32.load', first, R.REC_ENTRY), c.i32(0));
      c.store('i32.store', slot, entry, L.RIP_HASH + 12);
      c.return(first);
    });
  });
  c.return(c.call(other, 'i32', c.param(0), c.param(1)));
  c.trapHere();
  return c;
}

/** (record, taken): the record where a branch goes that isn't linked yet, 0 where nothing can be fetched; links it. */
export function resolveFunction(find: number, other: number): Code {
  const c = new Code(['i32', 'i32']);
  const [record, taken] = [c.param(0), c.param(1)];
  const found = c.var('i32');
  const behind = c.op('i64.add', c.load('i64.load32_u', record, R.REC_RIP), c.load('i64.load8_u', record, R.REC_LEN));
  const way = c.select(taken, c.load('i64.load32_s', record, R.REC_IMM), c.i64(0));
  const sum = c.op('i64.add', behind, way);
  const code32 = c.load('i32.load', c.i32(0), L.CODE_32);
  const target = c.select(code32, c.op('i64.and', sum, c.i64(0xffffffff)), sum);
  c.if(c.op('i64.lt_u', target, c.i64(L.GUEST_END)), () => {
    c.set(found, c.call(find, 'i32', c.op('i32.wrap_i64', target)));
    c.if(c.get(found), () => {
      // REC_TAKEN or REC_NEXT.
      const place = c.op('i32.add', record, c.select(taken, c.i32(0), c.i32(R.REC_NEXT - R.REC_TAKEN)));
      c.if(c.load('i32.load16_u', record, R.REC_OP), () => c.store('i32.store', place, c.get(found), R.REC_TAKEN));
      c.return(c.get(found));
    });
  });
  c.return(c.call(other, 'i32', record, taken));
  c.trapHere();
  return c;
}
