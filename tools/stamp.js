// What the sources are, cheaply: the newest change and the number of files.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function stampOf(root) {
  let newest = 0;
  let count = 0;
  const look = (dir) => {
    for (const e of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, e.name);
      if (e.isDirectory()) look(path);
      else if (!e.name.endsWith('.test.ts')) {
        count++;
        newest = Math.max(newest, statSync(path).mtimeMs);
      }
    }
  };
  for (const dir of ['src', 'cli']) look(join(root, dir));
  return `${count} ${newest}`;
}

/** dist/ was made from these sources. */
export function upToDate(root) {
  try {
    return readFileSync(join(root, 'dist/stamp'), 'utf8') === stampOf(root);
  } catch {
    return false;
  }
}
