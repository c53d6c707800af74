// The worker's entry in a browser: small, so that what every program needs is on its way before the rest of the code is.
import { canShare } from '../../cpu/memory.ts';
import type { ToWorker } from '../messages.ts';
import { fetched, response } from './fetched.ts';

/** Compiled as it comes, where its server says what it is: only then does the browser keep the compiled code. */
async function interpreter(): Promise<WebAssembly.Module | Uint8Array> {
  const r = await response('interp.wasm');
  if (!canShare()) return new Uint8Array(await r.arrayBuffer());
  if (r.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(r);
  return WebAssembly.compile(await r.arrayBuffer());
}
const early = { interpreter: interpreter(), tables: fetched('tables.bin') };
// Whoever needs them hears of a failure.
for (const p of Object.values(early)) p.catch(() => {});

const waiting: ToWorker[] = [];
let hear = (message: ToWorker): void => void waiting.push(message);
addEventListener('message', (e: MessageEvent<ToWorker>) => hear(e.data));
const { start } = await import('./engine.ts');
start((hears) => {
  hear = hears;
  for (const m of waiting) hear(m);
}, early);
