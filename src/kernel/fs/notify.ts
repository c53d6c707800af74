// What happens to files, told to those who watch them or the directories they are in (fs/notify/).
import * as N from '../../abi/inotify.ts';
import { O_ACCMODE, O_PATH, O_RDONLY } from '../../abi/open.ts';
import type { Name } from './dentry.ts';
import { isDirectory } from './permission.ts';
import type { Dentry, Inode, OpenFile } from './vfs.ts';

/** Somebody's interest in an inode. */
export interface Mark {
  readonly mask: number;
  /** `name`: which entry of the directory it is about; undefined for the inode itself. `unlinked`: the entry is gone from the directory. */
  event(mask: number, cookie: number, name?: string, unlinked?: boolean): void;
  /** The inode is gone. */
  gone(): void;
  /** Whether some descriptor or mapping still has the inode open. */
  stillOpen(inode: Inode): boolean;
}
const marks = new WeakMap<Inode, Set<Mark>>();
/** Marks there are, in all machines: without any nothing is looked up. */
let live = 0;
let cookies = 0;

export function addMark(inode: Inode, mark: Mark): void {
  let set = marks.get(inode);
  if (!set) marks.set(inode, (set = new Set()));
  if (!set.has(mark)) live++;
  set.add(mark);
}
export function removeMark(inode: Inode, mark: Mark): void {
  if (marks.get(inode)?.delete(mark)) live--;
}
function tell(inode: Inode, mask: number, cookie: number, name?: string, unlinked?: boolean): void {
  for (const m of [...(marks.get(inode) ?? [])])
    if (m.mask & mask & N.IN_ALL_EVENTS) m.event(mask, cookie, name, unlinked);
}
const typeBit = (inode: Inode): number => (isDirectory(inode) ? N.IN_ISDIR : 0);

/** Something happened to a file: its directory's watchers hear of it by name, then its own. */
export function notifyPlace(place: Dentry | string, inode: Inode, event: number): void {
  if (live === 0) return;
  const mask = event | typeBit(inode);
  if (typeof place !== 'string') {
    const { parent, covers } = place as Name;
    if (parent && !covers) tell(parent.inode, mask, 0, place.name, place.deleted);
  }
  tell(inode, mask, 0);
}
export function notifyFile(file: OpenFile, event: number): void {
  if (live > 0 && !(file.flags & O_PATH)) notifyPlace(file.at, file.inode, event);
}
/** An entry came into a directory or left it. */
export function notifyEntry(dir: Inode, name: string, child: Inode | undefined, event: number): void {
  if (live > 0) tell(dir, event | (child ? typeBit(child) : 0), 0, name);
}
/** The inode's own watchers alone. */
export function notifySelf(inode: Inode, event: number): void {
  if (live > 0) tell(inode, event | typeBit(inode), 0);
}
/** A name was taken away: its inode may be gone with it. */
export function notifyUnlink(dir: Inode, name: string, child: Inode, directory: boolean): void {
  if (live === 0) return;
  if (!directory) notifySelf(child, N.IN_ATTRIB);
  const { nlink } = child.attributes();
  if (directory || nlink === 0) gone(child);
  tell(dir, N.IN_DELETE | typeBit(child), 0, name);
}
/** The last name is gone: with the last one who has it open the inode is as well. */
function gone(inode: Inode): void {
  const set = marks.get(inode);
  if (!set?.size) return;
  for (const m of set) if (m.stillOpen(inode)) return;
  tell(inode, N.IN_DELETE_SELF, 0);
  for (const m of [...set]) m.gone();
}
/** The last reference to an open file went away. */
export function notifyClose(file: OpenFile): void {
  if (live === 0 || file.flags & O_PATH) return;
  const writes = (file.flags & O_ACCMODE) !== O_RDONLY;
  notifyFile(file, writes ? N.IN_CLOSE_WRITE : N.IN_CLOSE_NOWRITE);
  if (marks.get(file.inode)?.size && file.inode.attributes().nlink === 0) gone(file.inode);
}
export function notifyRename(
  from: Inode,
  name: string,
  to: Inode,
  newName: string,
  moved: Inode,
  replaced: Inode | undefined,
): void {
  if (live === 0) return;
  const cookie = ++cookies;
  const type = typeBit(moved);
  tell(from, N.IN_MOVED_FROM | type, cookie, name);
  tell(to, N.IN_MOVED_TO | type, cookie, newName);
  if (replaced && !isDirectory(replaced)) notifySelf(replaced, N.IN_ATTRIB);
  tell(moved, N.IN_MOVE_SELF, 0);
  if (replaced && (isDirectory(replaced) || replaced.attributes().nlink === 0)) gone(replaced);
}
