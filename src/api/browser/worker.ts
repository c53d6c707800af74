// The worker's entry in a browser.

import { YOUNG } from '../../cpu/cpu.ts';
import type { CompilerParts } from '../../cpu/jit/compiler.ts';
import { canShare, unshared } from '../../cpu/memory.ts';
import { readTables } from '../../cpu/read-tables.ts';
import type { ToWorker } from '../messages.ts';
import { type Platform, serve } from '../serve.ts';

async function response(name: string): Promise<Response> {
  const url = new URL(`./${name}`, import.meta.url);
  const r = await fetch(url);
  if (!r.ok) throw new Error(`${url}: ${r.status} ${r.statusText}: the package's files must lie together`);
  return r;
}
const fetched = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await response(name)).arrayBuffer());
/** Compiled as it comes, where its server says what it is: only then does the browser keep the compiled code. */
async function interpreter(shared: boolean): Promise<WebAssembly.Module> {
  const r = await response('interp.wasm');
  if (shared && r.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(r);
  const bytes = new Uint8Array(await r.arrayBuffer());
  return WebAssembly.compile(shared ? bytes : unshared(bytes));
}
async function compiler(): Promise<CompilerParts> {
  const [{ compilerParts }, handlers] = await Promise.all([
    import('../../cpu/jit/compiler.ts'),
    fetched('handlers.bin'),
  ]);
  return compilerParts(handlers);
}
const parts: Platform['parts'] = async (jit) => {
  const shared = canShare();
  const [module, tables] = await Promise.all([interpreter(shared), fetched('tables.bin')]);
  const cpu = { module, tables: readTables(tables), unshared: !shared, young: { left: YOUNG } };
  if (jit === 'off') return cpu;
  if (jit === 'eager') {
    const loaded = await compiler();
    return { ...cpu, jit: { eager: true, parts: () => loaded } };
  }
  return { ...cpu, jit: { eager: false, parts: whenLoaded(compiler) } };
};
/** Begins to load when first asked; gives what was loaded once it is there. */
function whenLoaded(load: () => Promise<CompilerParts>): () => CompilerParts | undefined {
  let state: CompilerParts | 'asleep' | 'loading' | Error = 'asleep';
  return () => {
    if (state instanceof Error) throw state;
    if (state === 'asleep') {
      state = 'loading';
      load().then(
        (made) => {
          state = made;
        },
        (e) => {
          state = e;
        },
      );
    }
    return typeof state === 'object' ? state : undefined;
  };
}
const channel = new MessageChannel();
let ticked: (() => void) | undefined;
channel.port1.onmessage = () => ticked?.();
const tick = (): Promise<void> =>
  new Promise((done) => {
    ticked = done;
    channel.port2.postMessage(undefined);
  });

serve(
  {
    post: (message, transfer = []) => postMessage(message, { transfer: [...transfer] }),
    listen: (hear) => addEventListener('message', (e: MessageEvent<ToWorker>) => hear(e.data)),
  },
  { parts, tick },
);
