// execve: finds what to run (scripts name another program), builds the new address space, and only then gives up the old one.
import { E2BIG, EACCES, ELIBBAD, ELOOP, ENOEXEC, ENOMEM, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { openFile } from '../fs/open.ts';
import type { Dentry, OpenFile } from '../fs/vfs.ts';
import { pathOf } from '../fs/walk.ts';
import { AddressSpace, PAGE, pageDown, pageUp } from '../mm/address-space.ts';
import { RLIM_INFINITY } from '../process.ts';
import type { Thread } from '../thread.ts';
import { Block } from '../wait.ts';
import { type ElfHeader, PT_GNU_STACK, PT_INTERP, PT_LOAD, readElf, type Segment } from './elf.ts';
import { buildStack } from './stack.ts';
import { VDSO_SIZE, VVAR_BELOW, vdsoImage } from './vdso.ts';

const SCRIPT_DEPTH = 5;
const BINPRM = 256;
const PIE_BASE = 0x5555_5000;
const MAX_ARG_STRLEN = 131072;

interface Program {
  readonly file: OpenFile;
  readonly elf: ElfHeader;
  readonly argv: readonly string[];
  readonly path: string;
}

const close = (f: OpenFile): void => {
  if (f.references === 0) f.release();
};
const readerOf =
  (f: OpenFile) =>
  (offset: number, n: number): Uint8Array | Errno => {
    const bytes = new Uint8Array(n);
    const got = f.inode.pread(bytes, offset);
    return got instanceof Errno ? got : bytes.subarray(0, got);
  };

/** Follows `#!` lines to the ELF file. */
function find(
  t: Thread,
  path: string,
  argv: readonly string[],
  from: Dentry,
  flags: number,
  depth = 0,
): Program | Errno {
  if (depth > SCRIPT_DEPTH) return ELOOP;
  const file = openFile(t, from, path, { flags: flags, exec: true });
  if (file instanceof Errno) return file;
  if (file instanceof Block) return EACCES;
  const read = readerOf(file);
  const head = read(0, BINPRM);
  if (head instanceof Errno) {
    close(file);
    return head;
  }
  if (head[0] === 0x23 && head[1] === 0x21) {
    close(file);
    let end = head.indexOf(0x0a);
    if (end < 0) {
      // Without a newline in the first 256 bytes the interpreter's name must at least be complete.
      const text = String.fromCharCode(...head.subarray(2));
      if (head.length === BINPRM && !/^[ \t]*[^ \t\0]+[ \t\0]/.test(text)) return ENOEXEC;
      end = head.length;
    }
    const line = String.fromCharCode(...head.subarray(2, end))
      .replace(/\0.*$/s, '')
      .replace(/^[ \t]+|[ \t]+$/g, '');
    const m = /^([^ \t]+)(?:[ \t]+(.*))?$/s.exec(line);
    if (!m) return ENOEXEC;
    const interpreter = m[1] as string;
    return find(t, interpreter, [interpreter, ...(m[2] ? [m[2]] : []), path, ...argv.slice(1)], t.fs.cwd, 0, depth + 1);
  }
  const elf = readElf(read);
  if (elf instanceof Errno) {
    close(file);
    return elf;
  }
  return { file, elf, argv, path };
}

const protOf = (s: Segment): number =>
  (s.flags & 4 ? M.PROT_READ : 0) | (s.flags & 2 ? M.PROT_WRITE : 0) | (s.flags & 1 ? M.PROT_EXEC : 0);

/** Maps the PT_LOAD segments; gives the load bias and where the last one ends. */
function load(
  space: AddressSpace,
  file: OpenFile,
  elf: ElfHeader,
  wanted: number | 'top',
): { bias: number; end: number; startCode: number; endCode: number } | Errno {
  const loads = elf.segments.filter((s) => s.type === PT_LOAD);
  if (!loads.length) return ENOEXEC;
  const low = pageDown(Math.min(...loads.map((s) => s.address)));
  const high = pageUp(Math.max(...loads.map((s) => s.address + s.memorySize)));
  let bias = 0;
  if (elf.dynamic) {
    if (wanted === 'top') {
      const at = space.map({ address: 0, length: high - low, prot: 0, flags: M.MAP_PRIVATE | M.MAP_ANONYMOUS });
      if (at instanceof Errno) return at;
      bias = at - low;
      space.unmap(at, high - low);
    } else bias = wanted - low;
  }
  let startCode = Number.POSITIVE_INFINITY;
  let endCode = 0;
  for (const s of loads) {
    if (s.fileSize > s.memorySize || s.address % PAGE !== s.offset % PAGE) return ENOEXEC;
    const start = pageDown(s.address + bias);
    const skew = s.address + bias - start;
    const prot = protOf(s);
    if (s.fileSize > 0) {
      const at = space.map({
        address: start,
        length: s.fileSize + skew,
        prot,
        flags: M.MAP_PRIVATE | M.MAP_FIXED,
        file,
        offset: s.offset - skew,
      });
      if (at instanceof Errno) return at;
    }
    const fileEnd = s.address + bias + s.fileSize;
    const end = s.address + bias + s.memorySize;
    const bss = s.fileSize > 0 ? pageUp(fileEnd) : start;
    if (end > bss) {
      const at = space.map({
        address: bss,
        length: end - bss,
        prot,
        flags: M.MAP_PRIVATE | M.MAP_FIXED | M.MAP_ANONYMOUS,
      });
      if (at instanceof Errno) return at;
    }
    // What follows the file's bytes in its last page must read as zero.
    if (s.memorySize > s.fileSize && fileEnd % PAGE && prot & M.PROT_WRITE) {
      const page = pageDown(fileEnd);
      space.fault(page, 'write');
      space.pageBytes(page)?.fill(0, fileEnd - page);
    }
    if (s.flags & 1) {
      startCode = Math.min(startCode, s.address + bias);
      endCode = Math.max(endCode, fileEnd);
    }
  }
  return { bias, end: high + bias, startCode, endCode };
}

/** Replaces the task's program. On success its registers are those of the new program's start. */
export function exec(
  t: Thread,
  path: string,
  argv: readonly string[],
  envp: readonly string[],
  from: Dentry = t.fs.cwd,
  flags = 0,
): Errno | undefined {
  const kernel = t.kernel;
  const stackRlimit = t.process.limits[3]?.cur ?? RLIM_INFINITY;
  const most = Math.max(131072, Math.min(stackRlimit / 4, 6 * 1024 * 1024));
  const strings = [...argv, ...envp];
  if (strings.some((s) => s.length >= MAX_ARG_STRLEN)) return E2BIG;
  if (strings.reduce((n, s) => n + s.length + 1 + 8, 0) > most) return E2BIG;
  const program = find(t, path, argv.length ? argv : [''], from, flags);
  if (program instanceof Errno) return program;
  const { file, elf } = program;
  let interpreter: { file: OpenFile; elf: ElfHeader } | undefined;
  const named = elf.segments.find((s) => s.type === PT_INTERP);
  if (named) {
    const bytes =
      named.fileSize >= 2 && named.fileSize <= PAGE ? readerOf(file)(named.offset, named.fileSize) : ENOEXEC;
    if (bytes instanceof Errno || bytes.length < named.fileSize || bytes[bytes.length - 1] !== 0) {
      close(file);
      return bytes instanceof Errno ? bytes : ENOEXEC;
    }
    const opened = openFile(t, t.fs.cwd, String.fromCharCode(...bytes.subarray(0, -1)).replace(/\0.*$/s, ''), {
      flags: 0,
      exec: true,
    });
    const head = opened instanceof Errno || opened instanceof Block ? opened : readElf(readerOf(opened));
    if (opened instanceof Errno || opened instanceof Block || head instanceof Errno || head instanceof Block) {
      close(file);
      if (opened instanceof Errno) return opened;
      return head instanceof Errno && head !== ENOEXEC ? head : ELIBBAD;
    }
    interpreter = { file: opened, elf: head };
  }
  const cpu = kernel.takeCpu();
  const space = new AddressSpace(cpu, kernel.pool);
  space.limits = t.process.limits;
  const fail = (e: Errno): Errno => {
    kernel.dropSpace(space);
    return e;
  };
  const stackTop = cpu.guestEnd - PAGE;
  space.mmapBase = pageDown(stackTop - Math.max(Math.min(stackRlimit, 64 * 1024 * 1024), 8 * 1024 * 1024) - 256 * PAGE);
  const gnuStack = elf.segments.find((s) => s.type === PT_GNU_STACK);
  const stackProt = 3 | (gnuStack && !(gnuStack.flags & 1) ? 0 : 4);
  const stack = space.map({
    address: stackTop - 33 * PAGE,
    length: 33 * PAGE,
    prot: stackProt,
    flags: M.MAP_PRIVATE | M.MAP_FIXED | M.MAP_ANONYMOUS | M.MAP_GROWSDOWN,
    name: '[stack]',
  });
  if (stack instanceof Errno) return fail(stack);
  const loaded = load(space, file, elf, PIE_BASE);
  if (loaded instanceof Errno) return fail(loaded);
  let entry = elf.entry + loaded.bias;
  let base = 0;
  if (interpreter) {
    const l = load(space, interpreter.file, interpreter.elf, 'top');
    if (l instanceof Errno) return fail(l);
    base = l.bias;
    entry = interpreter.elf.entry + l.bias;
  }
  space.brkStart = space.brk = pageUp(loaded.end);
  const vvar = space.map({
    address: 0,
    length: VVAR_BELOW + VDSO_SIZE,
    prot: 3,
    flags: M.MAP_PRIVATE | M.MAP_ANONYMOUS,
  });
  if (vvar instanceof Errno) return fail(vvar);
  const vdso = vvar + VVAR_BELOW;
  space.unmap(vvar, VVAR_BELOW + VDSO_SIZE);
  space.map({
    address: vvar,
    length: VVAR_BELOW,
    prot: 1,
    flags: M.MAP_PRIVATE | M.MAP_ANONYMOUS | M.MAP_FIXED,
    name: '[vvar]',
  });
  space.map({
    address: vdso,
    length: VDSO_SIZE,
    prot: 5,
    flags: M.MAP_PRIVATE | M.MAP_ANONYMOUS | M.MAP_FIXED,
    name: '[vdso]',
  });
  space.fault(vvar, 'read');
  space.fault(vdso, 'read');
  cpu.u8.set(vdsoImage(), vdso);
  cpu.view.setBigInt64(vvar, kernel.realtime() - kernel.monotonic(), true);

  // The point of no return.
  kernel.killOtherThreads(t);
  const c = t.credentials;
  const st = file.inode.attributes();
  if (!t.noNewPrivileges) {
    const euid = st.mode & 0o4000 ? st.uid : c.euid;
    const egid = (st.mode & 0o2010) === 0o2010 ? st.gid : c.egid;
    const full = (1n << 41n) - 1n;
    t.credentials = {
      ...c,
      euid,
      suid: euid,
      fsuid: euid,
      egid,
      sgid: egid,
      fsgid: egid,
      effective: euid === 0 ? full : 0n,
      permitted: euid === 0 ? full : 0n,
    };
  }
  const secure = t.credentials.euid !== c.uid || t.credentials.egid !== c.gid;
  const sp = buildStack(kernel, t.credentials, space, stackTop, {
    argv: program.argv,
    envp,
    execfn: path,
    phdr:
      loaded.bias +
      elf.phoff +
      (elf.segments.find((s) => s.type === PT_LOAD && s.offset <= elf.phoff && elf.phoff < s.offset + s.fileSize)
        ?.address ?? 0) -
      (elf.segments.find((s) => s.type === PT_LOAD && s.offset <= elf.phoff && elf.phoff < s.offset + s.fileSize)
        ?.offset ?? 0),
    phnum: elf.segments.length,
    base,
    entry: elf.entry + loaded.bias,
    vdso,
    secure,
  });
  if (sp instanceof Errno) return fail(sp === ENOMEM ? E2BIG : sp);
  space.layout.exe = file;
  file.references++;
  space.layout.startCode = loaded.startCode;
  space.layout.endCode = loaded.endCode;
  space.layout.startStack = sp;
  space.layout.vdso = vdso;
  kernel.replaceSpace(t, space);
  cpu.reset();
  cpu.mode = 64;
  cpu.set('rsp', sp);
  cpu.set('rip', entry);
  t.process.handlers = t.process.handlers.copy();
  t.process.handlers.reset();
  t.altStack = { sp: 0, size: 0, flags: 2 };
  t.clearChildTid = 0;
  t.robustList = { head: 0, length: 0 };
  t.rseq = { at: 0, length: 0, signature: 0 };
  t.process.execed = true;
  t.process.stopPosixTimers();
  t.process.argv = program.argv;
  t.process.exePath = typeof file.at === 'string' ? path : pathOf(file.at, kernel.root);
  t.comm = (path.split('/').pop() ?? '').slice(0, 15);
  t.files.closeOnExec(t);
  for (const o of kernel.observers) o.exec?.(t);
  return undefined;
}
