// `npm run bench:cpu`: how fast the CPU runs kernels of its own; options in bench/cpu/main.ts.
import { runBundled } from './bundled.js';

await runBundled('bench/cpu/main.ts', process.argv.slice(2));
