// The machine's side of the worker in a browser.
import { YOUNG } from '../../cpu/cpu.ts';
import type { CompilerParts } from '../../cpu/jit/compiler.ts';
import { unshared } from '../../cpu/memory.ts';
import { readTables } from '../../cpu/read-tables.ts';
import type { FromWorker, Port, ToWorker } from '../messages.ts';
import { type Platform, serve } from '../serve.ts';
import { fetched } from './fetched.ts';

async function compiler(): Promise<CompilerParts> {
  const [{ compilerParts }, handlers] = await Promise.all([
    import('../../cpu/jit/compiler.ts'),
    fetched('handlers.bin'),
  ]);
  return compilerParts(handlers);
}
/** What the entry began to fetch. */
export interface Early {
  /** Compiled, where its memory can be shared. */
  readonly interpreter: Promise<WebAssembly.Module | Uint8Array>;
  readonly tables: Promise<Uint8Array>;
}
const partsOf =
  (early: Early): Platform['parts'] =>
  async (jit) => {
    const [interpreter, tables] = await Promise.all([early.interpreter, early.tables]);
    const shared = interpreter instanceof WebAssembly.Module;
    const module = shared ? interpreter : await WebAssembly.compile(unshared(interpreter));
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

/** Serves the handle that `listen` hears. */
export function start(listen: (hear: (message: ToWorker) => void) => void, early: Early): void {
  const post: Port<FromWorker, ToWorker>['post'] = (message, transfer = []) =>
    postMessage(message, { transfer: [...transfer] });
  serve({ post, listen }, { parts: partsOf(early), tick });
}
