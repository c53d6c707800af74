// /proc/PID/mounts, mountinfo, mountstats.
import { major, minor } from '../../../abi/statx.ts';
import type { Kernel } from '../../kernel.ts';
import type { Name } from '../dentry.ts';
import type { Dentry } from '../vfs.ts';
import { isBelow, pathOf } from '../walk.ts';

/** Blanks and backslashes in a path, as these files write them. */
const escaped = (s: string): string =>
  s.replace(/[\\ \t\n#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

interface Row {
  readonly id: number;
  readonly parent: number;
  readonly dev: number;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  readonly options: string;
  /** The file system's own options. */
  readonly more: string;
}
/** What is mounted below a root, in the order it was mounted. The host's mounts under the overlay show with their own names. */
function rows(kernel: Kernel, root: Dentry): Row[] {
  const { mounts } = kernel;
  const out: Row[] = [];
  for (const m of mounts.list) {
    if (m.at && !isBelow(m.root, root as Name)) continue;
    out.push({
      id: m.id,
      parent: m.at ? (mounts.of(m.at)?.id ?? 1) : 1,
      dev: m.root.inode.attributes().dev,
      point: m.at ? pathOf(m.root, root) : '/',
      type: m.type ?? m.root.inode.fs.type,
      source: m.source,
      options: m.options,
      more: m.more,
    });
  }
  for (const m of mounts.below)
    out.push({
      id: 100 + out.length,
      parent: out[0]?.id ?? 1,
      dev: m.dev,
      point: m.point,
      type: m.type ?? 'none',
      source: m.source,
      options: m.options,
      more: m.more ?? 'rw',
    });
  return out;
}
const all = (r: Row): string => [r.options, ...r.more.split(',').slice(1)].join(',');

export const mountsText = (kernel: Kernel, root: Dentry): string =>
  rows(kernel, root)
    .map((r) => `${escaped(r.source)} ${escaped(r.point)} ${r.type} ${all(r)} 0 0\n`)
    .join('');
export const mountinfoText = (kernel: Kernel, root: Dentry): string =>
  rows(kernel, root)
    .map(
      (r) =>
        `${r.id} ${r.parent} ${major(r.dev)}:${minor(r.dev)} / ${escaped(r.point)} ${r.options} - ${r.type} ${escaped(r.source)} ${r.more}\n`,
    )
    .join('');
export const mountstatsText = (kernel: Kernel, root: Dentry): string =>
  rows(kernel, root)
    .map((r) => `device ${escaped(r.source)} mounted on ${escaped(r.point)} with fstype ${r.type}\n`)
    .join('');
