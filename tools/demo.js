// `npm run demo`: a page on loopback that runs programs in the browser, with their trace. The server hands out files only: examples/page, the bundle, and
// on Linux some programs of this machine to choose from.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  wasm: 'application/wasm',
  json: 'application/json',
};
/** What is offered where this machine has it: the program, and a command to begin with. */
const PROGRAMS = [
  ['/bin/busybox', "busybox sh -c 'busybox ls -l / | busybox wc'"],
  ['/bin/ls', 'ls -l /'],
  ['/bin/cat', 'cat'],
  ['/usr/bin/uname', 'uname -a'],
  ['/usr/bin/sha256sum', 'sha256sum /usr/bin/sha256sum'],
  ['/usr/bin/gzip', 'gzip --version'],
];

/** The shared libraries a program needs, its dynamic linker among them. */
function libraries(program) {
  try {
    const text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...text.matchAll(/(\/\S+) \(0x/g)].map((m) => m[1]);
  } catch {
    // It is static.
    return [];
  }
}
const programs = () =>
  process.platform === 'linux' && process.arch === 'x64'
    ? PROGRAMS.filter(([path]) => existsSync(path)).map(([path, command]) => ({
        command,
        files: [path, ...libraries(path)],
      }))
    : [];

/** Serves the page on loopback; gives where. `port` 0: any that is free. */
export async function serveDemo(port) {
  const offered = programs();
  const allowed = new Set(offered.flatMap((p) => p.files));
  const content = (path) => {
    if (path === '/') return ['html', readFileSync(join(root, 'examples/page/index.html'))];
    if (path === '/programs.json') return ['json', JSON.stringify(offered)];
    if (/^\/ring3\/[\w-]+\.(js|wasm|bin)$/.test(path))
      return [path.split('.').pop(), readFileSync(join(root, 'dist/browser', path.slice('/ring3/'.length)))];
    const file = path.replace(/^\/files(?=\/)/, '');
    return file !== path && allowed.has(file) ? ['bin', readFileSync(file)] : undefined;
  };
  const server = createServer((request, response) => {
    try {
      const found = content(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
      if (!found) return response.writeHead(404).end();
      return response.writeHead(200, { 'content-type': TYPES[found[0]] ?? 'application/octet-stream' }).end(found[1]);
    } catch {
      return response.writeHead(404).end();
    }
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, server };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setUp(root);
  const port = Number(process.argv[2] ?? 8080);
  const { url } = await serveDemo(port).catch((e) => {
    if (e.code !== 'EADDRINUSE') throw e;
    return serveDemo(0);
  });
  process.stdout.write(`ring3 in a page: ${url} (^C ends it)\n`);
}
