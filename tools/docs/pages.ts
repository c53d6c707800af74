// The pages of docs/ that are generated: `npm run docs` writes them, a test compares.
import { instructions } from './instructions.ts';
import { syscallsPage } from './syscalls.ts';

export interface Page {
  /** Name in docs/. */
  readonly file: string;
  readonly text: () => string;
}
export const PAGES: readonly Page[] = [
  { file: 'INSTRUCTIONS.md', text: instructions },
  { file: 'SYSCALLS.md', text: syscallsPage },
];
