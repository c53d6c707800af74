// `npm run fuzz`: the interpreter against the host's CPU; options in test/fuzz/main.ts.
import { runBundled } from './bundled.js';

await runBundled('test/fuzz/main.ts', process.argv.slice(2));
