// Loads the bundle with what V8 compiled of it the last time: parsing and compiling it anew would be a third of a short program's start.
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { Script } = require('node:vm');

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

const loaded = [];

/** Runs a bundle and gives what it exports. `use`: for what it is run; each has compiled code of its own, since it needs other parts of the bundle. */
exports.loadBundle = (path, use) => {
  const cache = use ? `${path}.${use}.cache` : `${path}.cache`;
  const cachedData = read(cache);
  // ASCII (tools/build.js): nothing is to be decoded.
  const script = new Script(readFileSync(path, 'latin1'), { filename: path, ...(cachedData ? { cachedData } : {}) });
  loaded.push({ cache, script, kept: cachedData && !script.cachedDataRejected });
  const module = { exports: {} };
  script.runInThisContext()(module, require, pathToFileURL(path).href);
  return module.exports;
};

/** Keeps the compiled code of what was loaded for the next start, where there is none yet that this Node takes. */
exports.remember = () => {
  const news = loaded.filter((l) => !l.kept);
  // It is kept for these flags, and src/host/node/hints.ts may have set one that the next start doesn't have.
  if (news.length) process.getBuiltinModule('node:v8').setFlagsFromString('--no-experimental-wasm-branch-hinting');
  for (const { cache, script } of news) {
    try {
      const temporary = `${cache}.${process.pid}`;
      writeFileSync(temporary, script.createCachedData());
      renameSync(temporary, cache);
    } catch {
      // An installation that may not be written to starts without.
    }
  }
};
