// System V shared memory, semaphores and message queues.
import * as I from '../../abi/ipc.ts';
import { layout } from '../../abi/struct.ts';
import { type NameTable, names, type Struct } from '../../abi/type.ts';
import type { Context } from '../context.ts';
import { hex, octal, signed, unsigned } from '../number.ts';
import type { CallDecoder, Decoders, Show, ShowField } from '../shape.ts';
import { split } from '../xlat.ts';

const privateKey = names('IPC', { IPC_PRIVATE: I.IPC_PRIVATE });
const key: Show = (c, lo) => {
  if (lo === I.IPC_PRIVATE) c.w.constant(privateKey, lo);
  else c.w.number(hex(lo, 0));
};
/** Flags with the rights behind them, always of three digits. */
const getFlags =
  (table: NameTable): Show =>
  (c, lo) => {
    const { text, lo: rights } = split(table, lo);
    const mode = rights === 0 ? '000' : octal(rights);
    if (c.options.constants === 'raw') c.w.number(hex(lo, 0));
    else c.w.sign(text ? `${text}|${mode}` : mode);
  };
const get = (flags: string, table: NameTable = I.ipcFlags): CallDecoder => ({
  args: { key, [flags]: getFlags(table) },
});

function perm(c: Context, v: DataView, at: number, brief: boolean): void {
  const { offsets } = layout(I.ipcPerm, c.task.abi);
  const u32 = (name: string): number => v.getUint32(at + (offsets[name] as number), true);
  c.w.open('{');
  const put = (name: string, text: string): void => {
    c.w.field(name);
    c.w.number(text);
  };
  put('uid', unsigned(u32('uid'), 0));
  put('gid', unsigned(u32('gid'), 0));
  put('mode', octal(u32('mode')));
  if (!brief) {
    put('key', unsigned(u32('key'), 0));
    put('cuid', unsigned(u32('cuid'), 0));
    put('cgid', unsigned(u32('cgid'), 0));
  }
  c.w.close('}');
}

/** The structure of IPC_STAT, and what IPC_SET takes of it: permissions and the fields of `set`. */
const control = (s: Struct, order: readonly string[], set: readonly string[]): CallDecoder => ({
  late: ['buf'],
  args: {
    buf(c, lo, hi) {
      const command = c.int(1) & ~I.IPC_64;
      const known = command === I.IPC_STAT || command === I.IPC_SET;
      const { size, offsets } = layout(s, c.task.abi);
      const at = hi * 0x1_0000_0000 + lo;
      const v = known && at !== 0 && !c.failed ? c.view(at, size) : undefined;
      if (!v) return c.w.address(lo, hi);
      const setting = command === I.IPC_SET;
      c.w.open('{');
      c.w.field(Object.keys(s.fields)[0] as string);
      perm(c, v, 0, setting);
      for (const name of setting ? set : order) {
        const where = offsets[name] as number;
        const t = s.fields[name];
        const wide = t?.k === 'int' && t.size === 'long' && c.word === 8;
        c.w.field(name);
        c.w.number(signed(v.getUint32(where, true), wide ? v.getUint32(where + 4, true) : 0));
      }
      c.w.close('}');
    },
  },
});

/** struct msgbuf: the type, and as many bytes as the call names. */
const message: Show = (c, lo, hi) => {
  const at = hi * 0x1_0000_0000 + lo;
  const v = c.leaving && c.failed ? undefined : c.view(at, c.word);
  if (!v) return c.w.address(lo, hi);
  c.w.open('{');
  c.w.field('mtype');
  c.w.number(signed(v.getUint32(0, true), c.word === 8 ? v.getUint32(4, true) : 0));
  c.w.field('mtext');
  c.buffer(at + c.word, c.number(2));
  c.w.close('}');
};
const operationFlags: ShowField = (c, v, at) => c.w.flags(I.semFlags, v.getUint16(at, true));

export const ipc: Decoders = {
  calls: {
    shmget: get('shmflg', I.shmgetFlags),
    msgget: get('msgflg'),
    semget: get('semflg'),
    shmctl: control(
      I.shmidDs,
      ['shm_segsz', 'shm_cpid', 'shm_lpid', 'shm_nattch', 'shm_atime', 'shm_dtime', 'shm_ctime'],
      [],
    ),
    msgctl: control(
      I.msqidDs,
      ['msg_stime', 'msg_rtime', 'msg_ctime', 'msg_qnum', 'msg_qbytes', 'msg_lspid', 'msg_lrpid'],
      ['msg_qbytes'],
    ),
    msgsnd: { args: { msgp: message } },
    msgrcv: { late: ['msgp'], args: { msgp: message } },
    semctl: { args: { arg: (c, lo, hi) => c.w.address(lo, hi) } },
  },
  structures: { sembuf: { fields: { sem_flg: operationFlags } } },
};
