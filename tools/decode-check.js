// `npm run decode-check`: decoder and disassembler against objdump; options in test/decode/main.ts.
import { runBundled } from './bundled.js';

await runBundled('test/decode/main.ts', process.argv.slice(2));
