// `npm run bench`: what programs take natively, under qemu and under ring3; options in bench/options.ts.
import { runBundled } from './bundled.js';

await runBundled('bench/main.ts', process.argv.slice(2));
