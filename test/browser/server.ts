// A small web server on loopback: the browser bundle at /ring3/, the test's page, and files of this machine that are named when it starts.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../native.ts';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  wasm: 'application/wasm',
  html: 'text/html',
};

const PAGE = `<!doctype html>
<title>ring3</title>
<script type="module">
import * as ring3 from '/page.js';
globalThis.ring3 = ring3;
</script>
`;

export interface Server {
  readonly origin: string;
  /** Paths of what was asked for, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}
/**
 * `files`: paths on this machine by path in the URL. `isolated`: with the headers that let a page share memory between threads. `before`: what the worker
 * runs first. `missing`: a path that isn't there.
 */
export async function serve(
  files: Readonly<Record<string, string>>,
  { isolated = false, before = '', missing = '' }: { isolated?: boolean; before?: string; missing?: string } = {},
): Promise<Server> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    requests.push(path);
    const file = Object.hasOwn(files, path)
      ? files[path]
      : /^\/ring3\/[\w.-]+$/.test(path)
        ? join(ROOT, 'dist/browser', path.slice('/ring3/'.length))
        : undefined;
    if (path === missing) return response.writeHead(404).end();
    try {
      const own = path === '/' ? PAGE : readFileSync(file ?? '');
      const body = path === '/ring3/worker.js' ? `${before}${own}` : own;
      const type = TYPES[path === '/' ? 'html' : (path.split('.').pop() as string)] ?? 'application/octet-stream';
      const isolation = {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      };
      response.writeHead(200, { 'content-type': type, ...(isolated ? isolation : {}) }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
