// `npm run docs`: writes the generated pages of docs/ (tools/docs/pages.ts).
import { runBundled } from './bundled.js';

await runBundled('tools/docs/main.ts', []);
