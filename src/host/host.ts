// The one door to the outside: time, randomness, host files, terminal, environment. Everything that reaches a guest from outside comes through a Host, so
// that it can be allowed, recorded and replayed. A host's mistakes are exceptions; what Linux would answer with an errno comes back as HostError.code.

/** A host file operation's refusal: `code` is an errno name ('ENOENT', 'EACCES'...). */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** As stat(2) has it; times in nanoseconds. */
export interface HostStat {
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: number;
  readonly size: number;
  readonly blocks: number;
  readonly blksize: number;
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly birthtimeNs: bigint;
}

/** Host files, never following symlinks: the kernel walks paths itself. Paths are byte strings (one char a byte). All synchronous. Throw HostError. */
export interface HostFiles {
  /** Changes with every occasion on which time passed outside and others may have changed files: within one, an answer is worth keeping. */
  readonly epoch: number;
  /** Undefined where there is no such file. */
  lstat(path: string): HostStat | undefined;
  readdir(path: string): string[];
  readlink(path: string): string;
  /** An open host file; O_NOFOLLOW. `write` only where the permission flags allow. */
  open(path: string, how: 'read' | 'write' | 'readwrite'): HostFile;
  /** The file system that holds a file: its type's magic number, sizes in blocks. */
  statfs?(path: string): {
    type: number;
    bsize: number;
    blocks: number;
    bfree: number;
    bavail: number;
    files: number;
    ffree: number;
  };
  /** What is mounted on the host, outermost first: device number as st_dev has it, flags and the file system's own options as Linux writes them. */
  mounts?(): { point: string; dev: number; type: string; source: string; options: string; more: string }[];
  xattrs?(path: string): Map<string, Uint8Array>;
  /** Changing operations, for --allow-write: absent where the host can't. */
  create?(path: string, mode: number): HostFile;
  mkdir?(path: string, mode: number): void;
  unlink?(path: string): void;
  rmdir?(path: string): void;
  rename?(from: string, to: string): void;
  symlink?(target: string, path: string): void;
  link?(from: string, to: string): void;
  chmod?(path: string, mode: number): void;
  chown?(path: string, uid: number, gid: number): void;
  utimes?(path: string, atimeNs: bigint, mtimeNs: bigint): void;
}
export interface HostFile {
  stat(): HostStat;
  pread(into: Uint8Array, at: number): number;
  pwrite?(from: Uint8Array, at: number): number;
  truncate?(size: number): void;
  sync?(): void;
  close(): void;
}

/** One of the host's standard streams. */
export interface HostStream {
  readonly kind: 'file' | 'pipe' | 'tty' | 'device' | 'socket' | 'closed';
  stat(): HostStat;
  /** open(2) flags of the descriptor: access mode, O_APPEND, O_NONBLOCK. */
  readonly flags: number;
  /** Reads what is there now: bytes, 0 at end of file, 'again' when nothing is there yet (`onReadable` tells when to look again). `at`: kind 'file' only. */
  read(into: Uint8Array, at?: number): number | 'again';
  /** Whether a read would give something now; starts looking for it if not. */
  ready(): boolean;
  /** Calls `wake` when something may have come. */
  onReadable(wake: () => void): void;
  /** Writes what fits; 'again' when nothing does (`onWritable` tells when to try again). Throws HostError EPIPE, ENOSPC... */
  write(from: Uint8Array, at?: number): number | 'again';
  onWritable(wake: () => void): void;
  /** Kind 'file': the offset that the descriptor has, and leaving it where the program's is, so that what runs after us goes on there. */
  position?(): number;
  leave?(position: number): void;
  truncate?(size: number): void;
  sync?(): void;
  /** Its path on the host, for kinds 'file', 'tty' and 'device'. */
  readonly path?: string;
  /** For kind 'tty'. */
  windowSize?(): { rows: number; columns: number };
  onResize?(call: () => void): void;
  /** It is raw from the beginning: nobody outside edits lines, echoes or makes signals of keys. */
  readonly raw?: boolean;
  /** Raw: the terminal passes every byte as it comes, and shows none by itself. */
  setRaw?(raw: boolean): void;
}

export interface Host {
  /** Nanoseconds: since the Epoch, and since some start. */
  realtime(): bigint;
  monotonic(): bigint;
  /** The time-stamp counter, where it isn't simply `monotonic`: never behind it. */
  timestamp?(): bigint;
  random(into: Uint8Array): void;
  readonly files: HostFiles | undefined;
  readonly stdio: readonly [HostStream, HostStream, HostStream];
  /** The terminal that controls the process, where no standard stream is one. */
  terminal?(): HostStream | undefined;
  readonly identity: {
    readonly pid: number;
    readonly ppid: number;
    /** Process group and session; undefined where the host has no such thing. */
    readonly pgid?: number | undefined;
    readonly sid?: number | undefined;
    readonly uid: number;
    readonly gid: number;
    readonly euid: number;
    readonly egid: number;
    readonly groups: readonly number[];
    /** Capability sets; undefined: all for user 0, none for others. */
    readonly capabilities?:
      | {
          readonly permitted: bigint;
          readonly effective: bigint;
          readonly inheritable: bigint;
          readonly bounding: bigint;
          readonly ambient: bigint;
        }
      | undefined;
    /** Resource limits by RLIMIT_* number, Infinity for none; undefined: the kernel's own. */
    readonly limits?: readonly ({ readonly cur: number; readonly max: number } | undefined)[] | undefined;
    readonly hostname: string;
    readonly cwd: string;
    readonly umask: number;
  };
  readonly environment: Readonly<Record<string, string>>;
  /** Bytes of memory and number of processors to report. */
  readonly memory: number;
  readonly cpus: number;
  /** Resolves when `wake` of some source was called since the last idle, or at the deadline (monotonic ns), whichever is first. */
  idle(deadline: bigint | undefined): Promise<void>;
  /** Stops the host process itself until somebody continues it, where there is job control. */
  suspend?(): void;
  /** Called by sources when something happened, to end `idle`. */
  wake(): void;
  /** Signals the host process got (^C): number by Linux. */
  onSignal(deliver: (signal: number) => void): void;
}
