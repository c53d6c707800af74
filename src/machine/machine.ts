// The public face of ring3: a machine with a CPU, a kernel and files, that runs one program (and what it starts) to its end.
import { EACCES, ENOENT, ENOEXEC, Errno } from '../abi/errno.ts';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE } from '../abi/mman.ts';
import { RLIMIT_NOFILE } from '../abi/resource.ts';
import { Cpu, type CpuParts } from '../cpu/cpu.ts';
import { newMemory } from '../cpu/memory.ts';
import type { Host, HostStream } from '../host/host.ts';
import { Descriptors } from '../kernel/fdtable.ts';
import type { Name } from '../kernel/fs/dentry.ts';
import type { Overlay } from '../kernel/fs/overlay/overlay.ts';
import { isDirectory, MAY_EXEC, may } from '../kernel/fs/permission.ts';
import { StreamFile } from '../kernel/fs/stream.ts';
import type { OpenFile } from '../kernel/fs/vfs.ts';
import { resolve } from '../kernel/fs/walk.ts';
import { Kernel } from '../kernel/kernel.ts';
import { AddressSpace, PAGE, pageUp } from '../kernel/mm/address-space.ts';
import type { Observer, Runner } from '../kernel/observe.ts';
import { credentialsOf, takeOver } from '../kernel/outside.ts';
import { type Ending, Process } from '../kernel/process.ts';
import { tables } from '../kernel/syscalls/index.ts';
import { Thread } from '../kernel/thread.ts';
import { HostTerminalFile } from '../kernel/tty/host.ts';
import { mountFiles } from './files.ts';
import { isText } from './refusal.ts';
import { virtualHost } from './virtual-host.ts';

export interface MachineOptions {
  readonly host: Host;
  readonly cpu: CpuParts;
  /** Bytes of memory the machine has; default the host's word. */
  readonly memory?: number;
  readonly observers?: readonly Observer[];
  readonly runner?: Runner;
  /** Every run comes out the same: random numbers come from this seed, time passes by what programs do. */
  readonly seed?: number;
}
/** What to run: byte strings (one char a byte), as everything that goes to the guest. */
export interface Program {
  readonly path: string;
  readonly argv: readonly string[];
  readonly envp: readonly string[];
}
/** The program could not be started: what execve said. */
export interface NotStarted {
  readonly kind: 'not started';
  readonly error: Errno;
}

const EXECVE = 59;
const SHELL = '/bin/sh';

/** Undefined where the host's address space is used up. */
function createCpu(parts: CpuParts): Cpu | undefined {
  let memory: WebAssembly.Memory;
  try {
    memory = newMemory(!parts.unshared);
  } catch (e) {
    if (e instanceof RangeError) return undefined;
    throw e;
  }
  return new Cpu(parts, memory);
}

export class Machine {
  readonly kernel: Kernel;
  readonly files: Overlay;
  readonly #first: Thread;
  /** The kernel is there. */
  #started = false;

  constructor(options: MachineOptions) {
    const { seed } = options;
    const host =
      seed === undefined ? options.host : virtualHost(options.host, seed, () => (this.#started ? this.kernel.work : 0));
    this.kernel = new Kernel({
      host,
      createCpu: () => createCpu(options.cpu),
      table: tables,
      memory: options.memory ?? host.memory,
      cpus: host.cpus,
      firstPid: host.identity.pid,
    });
    this.#started = true;
    this.files = mountFiles(this.kernel, host.files);
    for (const o of options.observers ?? []) this.kernel.observers.push(o);
    this.kernel.runner = options.runner;
    this.#first = this.#firstThread();
  }
  /** A standard stream as an open file; a terminal becomes the one that controls the session. */
  #standard(t: Thread, stream: HostStream, place: Name | string): OpenFile {
    if (stream.kind !== 'tty') return new StreamFile(this.files, stream, place);
    const inode = typeof place === 'string' ? new StreamFile(this.files, stream, place).inode : place.inode;
    const file = new HostTerminalFile(place, inode, stream.flags, this.kernel, stream);
    const { terminal } = file;
    terminal.session ??= t.process.sid;
    terminal.foreground ??= t.process.pgid;
    return file;
  }
  #firstThread(): Thread {
    const { kernel } = this;
    const { identity } = kernel.host;
    const process = new Process(kernel, kernel.allocatePid(), undefined);
    takeOver(process, identity);
    const fs = { cwd: kernel.root, root: kernel.root, umask: identity.umask, users: 1 };
    const cpu = kernel.takeCpu();
    if (cpu instanceof Errno)
      throw new RangeError('no room for the memory of a machine: end another one, or wait until it is collected');
    const space = new AddressSpace(cpu);
    const t = new Thread(kernel, process, process.pid, space, new Descriptors(), fs, credentialsOf(identity));
    t.files.limit = process.limits[RLIMIT_NOFILE]?.cur ?? t.files.limit;
    const cwd = resolve(t, kernel.root, identity.cwd);
    if (!(cwd instanceof Errno)) fs.cwd = cwd;
    kernel.host.stdio.forEach((stream, fd) => {
      if (stream.kind === 'closed') return;
      const at = stream.path === undefined ? undefined : resolve(t, kernel.root, stream.path);
      const place = at === undefined || at instanceof Errno ? `${stream.kind}:[${stream.stat().ino}]` : at;
      t.files.set(fd, this.#standard(t, stream, place), false);
    });
    kernel.first = process;
    kernel.addProcess(process);
    return t;
  }
  /** The program `name` means to a shell: itself if it has a slash, else the first of that name in the directories of `path` that may be executed. */
  find(name: string, path: string): string | Errno {
    if (name.includes('/')) return name;
    let error: Errno = ENOENT;
    for (const dir of path.split(':')) {
      const candidate = `${dir === '' ? '.' : dir}/${name}`;
      const at = resolve(this.#first, this.#first.fs.cwd, candidate);
      if (at instanceof Errno || isDirectory(at.inode)) continue;
      if (!may(this.#first, at.inode, MAY_EXEC)) return candidate;
      error = EACCES;
    }
    return error;
  }
  /** A path, seen from the working directory, leads somewhere. */
  exists(path: string): boolean {
    return !(resolve(this.#first, this.#first.fs.cwd, path) instanceof Errno);
  }
  isDirectory(path: string): boolean {
    const at = resolve(this.#first, this.#first.fs.cwd, path);
    return !(at instanceof Errno) && isDirectory(at.inode);
  }
  /** The first bytes of a file, none where it can't be read. */
  head(path: string): Uint8Array {
    const at = resolve(this.#first, this.#first.fs.cwd, path);
    const bytes = new Uint8Array(256);
    const n = at instanceof Errno ? 0 : at.inode.pread(bytes, 0);
    return bytes.subarray(0, n instanceof Errno ? 0 : n);
  }
  /** Instructions retired and system calls made, by all processes so far. */
  statistics(): { readonly instructions: number; readonly calls: number } {
    return this.kernel.statistics();
  }
  /**
   * Runs a program until it has ended. It starts by an execve made in the first process, so that whoever watches sees that call as strace does. `script`:
   * a text file without `#!` is given to the shell, as execvp(3) does.
   */
  async run(program: Program, script = false): Promise<Ending | NotStarted> {
    const error = this.#exec(program);
    if (error === ENOEXEC && script && isText(this.head(program.path))) {
      const again = this.#exec({ ...program, path: SHELL, argv: [SHELL, program.path, ...program.argv.slice(1)] });
      if (again) return { kind: 'not started', error: again };
    } else if (error) return { kind: 'not started', error };
    this.kernel.host.onSignal((signal) => this.kernel.signalFromOutside(signal));
    this.kernel.created(this.#first, undefined);
    return this.kernel.run();
  }
  #exec(p: Program): Errno | undefined {
    const { space, user } = this.#first;
    const strings = [p.path, ...p.argv, ...p.envp];
    const length = pageUp(strings.reduce((n, s) => n + s.length + 1, 0) + 8 * (p.argv.length + p.envp.length + 2));
    const at = space.cpu.guestEnd - PAGE - length;
    space.map({ address: at, length, prot: 3, flags: MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS });
    let next = at;
    const put = (bytes: Uint8Array): number => {
      const place = next;
      user.put(place, bytes);
      next += bytes.length;
      return place;
    };
    const string = (s: string): bigint => BigInt(put(Uint8Array.from(`${s}\0`, (c) => c.charCodeAt(0))));
    const vector = (list: readonly bigint[]): Uint8Array => new Uint8Array(new BigUint64Array([...list, 0n]).buffer);
    const argv = p.argv.map(string);
    const envp = p.envp.map(string);
    const path = Number(string(p.path));
    next = Math.ceil(next / 8) * 8;
    const raw = new Uint32Array(12);
    [path, put(vector(argv)), put(vector(envp))].forEach((n, i) => {
      raw[2 * i] = n;
    });
    return this.kernel.begin(this.#first, EXECVE, raw);
  }
}
