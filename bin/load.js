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

/** Gives the bundle's `main`, and `remember`, which keeps the compiled code for the next start where there is none yet that this Node takes. */
exports.loadBundle = (path) => {
  const cache = `${path}.cache`;
  const cachedData = read(cache);
  // ASCII (tools/build.js): nothing is to be decoded.
  const script = new Script(readFileSync(path, 'latin1'), { filename: path, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module, require, pathToFileURL(path).href);
  const remember = () => {
    if (cachedData && !script.cachedDataRejected) return;
    try {
      const temporary = `${cache}.${process.pid}`;
      writeFileSync(temporary, script.createCachedData());
      renameSync(temporary, cache);
    } catch {
      // An installation that may not be written to starts without.
    }
  };
  return { main: module.exports.main, remember };
};
