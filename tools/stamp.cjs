// What the sources are, cheaply (each start asks): the newest change and the number of files.
const { readdirSync, readFileSync, statSync } = require('node:fs');

exports.stampOf = (root) => {
  let newest = 0;
  let count = 0;
  const look = (dir) => {
    for (const e of readdirSync(dir, { withFileTypes: true })) {
      const path = `${dir}/${e.name}`;
      if (e.isDirectory()) look(path);
      else if (!e.name.endsWith('.test.ts')) {
        count++;
        newest = Math.max(newest, statSync(path).mtimeMs);
      }
    }
  };
  for (const dir of ['src', 'cli']) look(`${root}/${dir}`);
  return `${count} ${newest}`;
};

/** dist/ was made from these sources. */
exports.upToDate = (root) => {
  try {
    return readFileSync(`${root}/dist/stamp`, 'utf8') === exports.stampOf(root);
  } catch {
    return false;
  }
};
