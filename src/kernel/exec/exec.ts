// execve: finds what to run, builds the new address space, and only then gives up the old one (fs/exec.c, fs/binfmt_elf.c).
import { E2BIG, Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import { RLIMIT_STACK } from '../../abi/resource.ts';
import { SI_KERNEL, SIGCHLD, SIGSEGV } from '../../abi/signal.ts';
import type { Cpu } from '../cpu.ts';
import { SECBIT_KEEP_CAPS } from '../credentials.ts';
import { letGoOfFutexes } from '../exit.ts';
import type { OpenFile } from '../fs/vfs.ts';
import { pathOf } from '../fs/walk.ts';
import { AddressSpace, PAGE, pageDown, pageUp } from '../mm/address-space.ts';
import { force } from '../signal/send.ts';
import type { Thread } from '../thread.ts';
import { PF_X, PT_GNU_STACK, PT_LOAD } from './elf.ts';
import { type Loaded, loadSegments } from './load.ts';
import { type Privilege, privilegeOf } from './privilege.ts';
import { findProgram, letGo, type Program } from './program.ts';
import { buildStack } from './stack.ts';
import { mapVdso } from './vdso-map.ts';

const PIE_BASE = 0x5555_4000;
/** Pages by which places may vary: of a position-independent program, of the heap, of the stack and of what mmap chooses. */
const RANDOM = { program: 0x1000, heap: 0x2000, stack: 0x100, mmap: 0x200 } as const;
const STACK_PAGES = 33;
const LEAST_STACK = 8 * 1024 * 1024;
/** What the layout leaves for the stack at most, whatever its limit. */
const MOST_STACK = 256 * 1024 * 1024;
const STACK_GUARD = 256 * PAGE;
export const ADDR_NO_RANDOMIZE = 0x0040000;
export const READ_IMPLIES_EXEC = 0x0400000;
/** Of a program with set-id bits these don't survive (PER_CLEAR_ON_SETID). */
const CLEARED_FOR_SETID = ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC | 0x0200000 | 0x0100000;
const ARG_MAX = 131072;
const MOST_ARGUMENTS = 6 * 1024 * 1024;

export interface ExecRequest {
  /** The file, opened to be executed. */
  readonly file: OpenFile;
  /** AT_EXECFN, and how a script is named to its interpreter. */
  readonly filename: string;
  /** That name will mean nothing to an interpreter: a descriptor that is closed on exec. */
  readonly hidden: boolean;
  readonly comm: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
}

/** Bytes that arguments and environment may take (bprm_stack_limits). */
function roomFor(t: Thread): number {
  return Math.max(ARG_MAX, Math.min(MOST_ARGUMENTS, (t.process.limits[RLIMIT_STACK]?.cur ?? MOST_ARGUMENTS) / 4));
}
/** E2BIG where the strings with their pointers don't fit. */
export function checkSize(
  t: Thread,
  argv: readonly string[],
  envp: readonly string[],
  filename: string,
): Errno | undefined {
  let n = 8 * (Math.max(1, argv.length) + envp.length) + filename.length + 1;
  for (const s of argv) n += s.length + 1;
  for (const s of envp) n += s.length + 1;
  return n > roomFor(t) ? E2BIG : undefined;
}

/** A number of pages below `most`, 0 where the program is not to be moved about. */
function randomPages(t: Thread, most: number): number {
  if (t.process.personality & ADDR_NO_RANDOMIZE) return 0;
  const bytes = new Uint8Array(4);
  t.kernel.random(bytes);
  return new DataView(bytes.buffer).getUint32(0, true) % most;
}

interface Image {
  readonly space: AddressSpace;
  readonly program: Loaded;
  readonly entry: number;
  readonly base: number;
  readonly stackTop: number;
  readonly vdso: number;
}
/** A new address space with the program, its interpreter, a stack and the vDSO. */
function build(t: Thread, p: Program, cpu: Cpu): Image | Errno {
  const { kernel } = t;
  const space = new AddressSpace(cpu, kernel.pool);
  space.limits = t.process.limits;
  const give = (e: Errno): Errno => {
    kernel.dropSpace(space);
    return e;
  };
  const stackTop = cpu.guestEnd - PAGE * (1 + randomPages(t, RANDOM.stack));
  const stackRoom = Math.min(Math.max(space.limit(RLIMIT_STACK), LEAST_STACK), MOST_STACK);
  space.mmapBase = pageDown(stackTop - stackRoom - STACK_GUARD - PAGE * randomPages(t, RANDOM.mmap));
  const executable = p.elf.segments.some((s) => s.type === PT_GNU_STACK && s.flags & PF_X);
  const stack = space.map({
    address: stackTop - STACK_PAGES * PAGE,
    length: STACK_PAGES * PAGE,
    prot: M.PROT_READ | M.PROT_WRITE | (executable ? M.PROT_EXEC : 0),
    flags: M.MAP_PRIVATE | M.MAP_FIXED | M.MAP_ANONYMOUS | M.MAP_GROWSDOWN,
    name: '[stack]',
  });
  if (stack instanceof Errno) return give(stack);
  const wanted = p.interpreter ? PIE_BASE + PAGE * randomPages(t, RANDOM.program) : undefined;
  const program = loadSegments(space, p.file, p.elf, wanted);
  if (program instanceof Errno) return give(program);
  const loader = p.interpreter && loadSegments(space, p.interpreter.file, p.interpreter.elf, undefined);
  if (loader instanceof Errno) return give(loader);
  // A program loaded where mmap chooses would have its heap among the mappings.
  const heap = p.elf.dynamic && !p.interpreter ? PIE_BASE : pageUp(program.end);
  space.brkStart = space.brk = heap + PAGE * randomPages(t, RANDOM.heap);
  const vdso = mapVdso(space, kernel);
  if (vdso instanceof Errno) return give(vdso);
  const entry = p.interpreter && loader ? p.interpreter.elf.entry + loader.bias : p.elf.entry + program.bias;
  return { space, program, entry, base: loader?.bias ?? 0, stackTop, vdso };
}

/** Replaces the task's program: on success its registers are those of the new program's start. */
export function exec(t: Thread, r: ExecRequest): Errno | undefined {
  const { kernel } = t;
  const p = findProgram(t, r.file, r.filename, r.hidden, r.argv.length ? r.argv : ['']);
  if (p instanceof Errno) return p;
  const privilege = privilegeOf(t, p.file.inode);
  const cpu = kernel.takeCpu();
  if (cpu instanceof Errno) {
    letGoOfFiles(p);
    return cpu;
  }
  const image = build(t, p, cpu);
  const sp = image instanceof Errno ? image : stackFor(t, p, r, image, privilege);
  if (image instanceof Errno || sp instanceof Errno) {
    letGoOfFiles(p);
    // As Linux, whose old program is gone by now.
    kernel.killOtherThreads(t);
    force(t, { signo: SIGSEGV, code: SI_KERNEL, addr: 0n });
    t.process.handlers.reset();
    return sp instanceof Errno ? sp : undefined;
  }
  const { space } = image;
  space.layout.exe = p.file;
  p.file.references++;
  space.layout.startCode = image.program.startCode;
  space.layout.endCode = image.program.endCode;
  space.layout.startData = image.program.startData;
  space.layout.endData = image.program.endData;
  space.layout.startStack = sp;
  space.layout.vdso = image.vdso;
  kernel.killOtherThreads(t);
  letGoOfFutexes(kernel, t);
  kernel.replaceSpace(t, space);
  start(t, image.entry, sp);
  becomeNew(t, r, p, privilege);
  for (const o of kernel.observers) o.exec?.(t);
  return undefined;
}

function letGoOfFiles(p: Program): void {
  letGo(p.file);
  if (p.interpreter) letGo(p.interpreter.file);
}

function stackFor(t: Thread, p: Program, r: ExecRequest, image: Image, privilege: Privilege): number | Errno {
  const { elf } = p;
  const holds = elf.segments.find(
    (s) => s.type === PT_LOAD && s.offset <= elf.phoff && elf.phoff < s.offset + s.fileSize,
  );
  return buildStack(t.kernel, privilege.credentials, image.space, image.stackTop, {
    argv: p.argv,
    envp: r.envp,
    execfn: r.filename,
    phdr: image.program.bias + elf.phoff + (holds ? holds.address - holds.offset : 0),
    phnum: elf.segments.length,
    base: image.base,
    entry: elf.entry + image.program.bias,
    vdso: image.vdso,
    secure: privilege.secure,
  });
}

function start(t: Thread, entry: number, sp: number): void {
  const { cpu } = t;
  cpu.reset();
  cpu.mode = 64;
  cpu.set('rsp', sp);
  cpu.set('rip', entry);
  t.altStack = { sp: 0, size: 0, flags: t.altStack.flags };
  t.clearChildTid = 0;
  t.robustList = { head: 0, length: 0 };
  t.rseq = { at: 0, length: 0, signature: 0 };
}

/** What of the task changes with its program. */
function becomeNew(t: Thread, r: ExecRequest, p: Program, { credentials, secure }: Privilege): void {
  const { process } = t;
  process.handlers = process.handlers.copy();
  process.handlers.reset();
  process.exitSignal = SIGCHLD;
  process.execed = true;
  process.stopPosixTimers();
  process.argv = p.argv;
  process.exePath = typeof p.file.at === 'string' ? r.filename : pathOf(p.file.at, t.kernel.root);
  process.dumpable = secure ? 0 : 1;
  if (secure) {
    process.personality &= ~CLEARED_FOR_SETID;
    t.deathSignal = 0;
  } else process.personality &= ~READ_IMPLIES_EXEC;
  t.credentials = credentials;
  t.secureBits &= ~SECBIT_KEEP_CAPS;
  t.comm = r.comm.slice(0, 15);
  t.unshareFiles();
  t.files.closeOnExec(t);
}
