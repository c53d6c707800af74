// The host's files on Node. Reading only: what a program writes stays in the machine's overlay.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  statfsSync,
} from 'node:fs';
import { HostError, type HostFile, type HostFiles, type HostStat } from '../host.ts';

/** A path of bytes as Node takes it: text where it is ASCII, which is quicker. */
const node = (path: string): string | Buffer => {
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 127) return Buffer.from(path, 'latin1');
  return path;
};
/** Node's error as the errno it names. */
export function translate(e: unknown): never {
  const code = (e as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) throw new HostError(code);
  throw e;
}
export function attempt<T>(f: () => T): T {
  try {
    return f();
  } catch (e) {
    return translate(e);
  }
}
export function statOf(s: BigIntStats): HostStat {
  return {
    dev: Number(s.dev),
    ino: Number(s.ino),
    mode: Number(s.mode),
    nlink: Number(s.nlink),
    uid: Number(s.uid),
    gid: Number(s.gid),
    rdev: Number(s.rdev),
    size: Number(s.size),
    blocks: Number(s.blocks),
    blksize: Number(s.blksize),
    atimeNs: s.atimeNs,
    mtimeNs: s.mtimeNs,
    ctimeNs: s.ctimeNs,
    birthtimeNs: s.birthtimeNs,
  };
}

class NodeFile implements HostFile {
  readonly #fd: number;
  readonly #path: string;
  readonly #epoch: number;
  readonly #files: NodeFiles;
  constructor(fd: number, path: string, files: NodeFiles) {
    this.#fd = fd;
    this.#path = path;
    this.#epoch = files.epoch;
    this.#files = files;
  }
  stat(): HostStat {
    return attempt(() => statOf(fstatSync(this.#fd, { bigint: true })));
  }
  pread(into: Uint8Array, at: number): number {
    try {
      return readSync(this.#fd, into, 0, into.length, at);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'EOF') return 0;
      return translate(e);
    }
  }
  close(): void {
    if (this.#epoch !== this.#files.epoch || !this.#files.keep(this.#path, this)) this.dispose();
  }
  dispose(): void {
    closeSync(this.#fd);
  }
}
/** Descriptors kept of files that were closed, at most. */
const MOST_KEPT = 64;

/** As st_dev has it: the low byte of the minor number, the major one, the rest of the minor. */
const deviceNumber = (major: number, minor: number): number =>
  (minor & 0xff) + major * 0x100 + (minor >>> 8) * 0x100000;
const LSTAT = { bigint: true, throwIfNoEntry: false } as const;
/** Never through a symbolic link, and without waiting should it be a fifo by now. */
const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

export class NodeFiles implements HostFiles {
  epoch = 0;
  /** Files closed in this epoch, by path: programs open the same ones again and again. A place stays when its file is taken: the next one is for it. */
  readonly #kept = new Map<string, { file: NodeFile | undefined }>();
  lstat(path: string): HostStat | undefined {
    // Asked again within the epoch, the answer may be another one.
    this.#take(path)?.dispose();
    try {
      const s = lstatSync(node(path), LSTAT);
      return s && statOf(s);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      return translate(e);
    }
  }
  /** In the directory's own order, which programs show: readdirSync gives a sorted list. */
  readdir(path: string): string[] {
    return attempt(() => {
      const dir = opendirSync(node(path), { encoding: 'latin1', bufferSize: 256 });
      const names: string[] = [];
      for (let e = dir.readSync(); e; e = dir.readSync()) names.push(e.name);
      dir.closeSync();
      return names;
    });
  }
  readlink(path: string): string {
    return attempt(() => readlinkSync(node(path), 'latin1'));
  }
  open(path: string): HostFile {
    return this.#take(path) ?? attempt(() => new NodeFile(openSync(node(path), OPEN), path, this));
  }
  #take(path: string): NodeFile | undefined {
    const place = this.#kept.size ? this.#kept.get(path) : undefined;
    const file = place?.file;
    if (place) place.file = undefined;
    return file;
  }
  /** Keeps a file that is of no use now for the next who opens the path. False: there is no room. */
  keep(path: string, file: NodeFile): boolean {
    const place = this.#kept.get(path);
    if (place) {
      if (place.file) return false;
      place.file = file;
      return true;
    }
    if (this.#kept.size >= MOST_KEPT) return false;
    this.#kept.set(path, { file });
    return true;
  }
  /** Time passes outside: what was kept is closed, what was asked holds no more. */
  pass(): void {
    this.epoch++;
    for (const { file } of this.#kept.values()) file?.dispose();
    this.#kept.clear();
  }
  mounts(): ReturnType<NonNullable<HostFiles['mounts']>> {
    let text = '';
    try {
      text = readFileSync('/proc/self/mountinfo', 'latin1');
    } catch {
      return [];
    }
    const plain = (s: string): string =>
      s.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return text.split('\n').flatMap((line) => {
      const m = /^\d+ \d+ (\d+):(\d+) \S+ (\S+) (\S+) .*?- (\S+) (\S+) (\S+)$/.exec(line);
      if (!m) return [];
      const [, major, minor, point, options, type, source, more] = m;
      return [
        {
          point: plain(point as string),
          dev: deviceNumber(Number(major), Number(minor)),
          type: type as string,
          source: plain(source as string),
          options: options as string,
          more: more as string,
        },
      ];
    });
  }
  statfs(path: string): ReturnType<NonNullable<HostFiles['statfs']>> {
    return attempt(() => statfsSync(node(path)));
  }
}
