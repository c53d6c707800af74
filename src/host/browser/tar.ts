// Reads tar archives into files: ustar, the long names of GNU, the extended headers of pax (POSIX.1-2017, pax: ustar Interchange Format).
import type { FileEntry, Files } from './files.ts';

const BLOCK = 512;
const latin1 = (b: Uint8Array): string => Array.from(b, (c) => String.fromCharCode(c)).join('');
const utf8 = new TextDecoder();

function text(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return utf8.decode(field.slice(0, end < 0 ? length : end));
}
/** Octal digits, or with the top bit set a big-endian number. */
function number(header: Uint8Array, at: number, length: number): number {
  if ((header[at] as number) & 0x80)
    return header.subarray(at + 1, at + length).reduce((n, byte) => n * 256 + byte, (header[at] as number) & 0x7f);
  return Number.parseInt(latin1(header.subarray(at, at + length)).replace(/[\0 ]/g, '') || '0', 8);
}
function checked(header: Uint8Array): boolean {
  const sum = header.reduce((n, byte, i) => n + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  return sum === number(header, 148, 8);
}
/** Records `LENGTH KEY=VALUE\n`. */
function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(latin1(bytes.subarray(at, space)));
    if (space < 0 || !(length > space - at + 1)) throw new TypeError('tar: a pax header is damaged');
    const record = utf8.decode(bytes.slice(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
const absolute = (name: string): string =>
  `/${name
    .split('/')
    .filter((n) => n && n !== '.')
    .join('/')}`;

/** What one header says; undefined for what isn't kept: devices and fifos. */
function entryOf(type: string, content: Uint8Array, target: string): FileEntry | undefined {
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return { content };
    case '1':
      return { link: absolute(target) };
    case '2':
      return { symlink: target };
    case '5':
      return { directory: true };
    default:
      return undefined;
  }
}

/**
 * The files of a tar archive that isn't compressed. Contents are views of it. Devices and fifos are left out: a machine has a /dev of its own. Throws a
 * TypeError where it is damaged.
 */
export function readTar(archive: Uint8Array): Files {
  const files: Record<string, FileEntry> = {};
  let pax = new Map<string, string>();
  for (let at = 0; at < archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.length < BLOCK) throw new TypeError('tar: the archive ends within a header');
    if (header.every((byte) => byte === 0)) break;
    if (!checked(header))
      throw new TypeError(`tar: no header at byte ${at}: damaged, or compressed, or no tar archive`);
    const type = String.fromCharCode(header[156] as number);
    const size = Number(pax.get('size') ?? number(header, 124, 12));
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new TypeError('tar: the archive ends within a file');
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') pax = new Map([...pax, ...paxRecords(content)]);
    else if (type === 'L') pax.set('path', text(content, 0, size));
    else if (type === 'K') pax.set('linkpath', text(content, 0, size));
    else if (type !== 'g') {
      const prefix = text(header, 257, 5) === 'ustar' && header[262] === 0 ? text(header, 345, 155) : '';
      const name = text(header, 0, 100);
      const path = absolute(pax.get('path') ?? (prefix ? `${prefix}/${name}` : name));
      const entry = entryOf(type, content, pax.get('linkpath') ?? text(header, 157, 100));
      const owner = {
        uid: Number(pax.get('uid') ?? number(header, 108, 8)),
        gid: Number(pax.get('gid') ?? number(header, 116, 8)),
      };
      const mtime = Number(pax.get('mtime') ?? number(header, 136, 12)) * 1000;
      if (entry) files[path] = { ...entry, ...owner, mtime, mode: number(header, 100, 8) };
      pax = new Map();
    }
  }
  return files;
}
