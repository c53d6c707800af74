// objdump's view of a file, streamed: one instruction after another.
import { spawn, spawnSync } from 'node:child_process';

/** Why there is nothing to compare with; undefined where objdump is. */
export const noObjdump: string | undefined =
  spawnSync('objdump', ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : 'no objdump here';

/** One line of `objdump -d`: where, and the text with its symbols taken out and blanks normalized. */
export interface Line {
  readonly address: number;
  readonly text: string;
}

/** Text without symbol names, superfluous blanks, and the 0x that addresses have only where there is no symbol. */
export function normal(text: string): string {
  return text
    .replace(/ ?<[^>]*>/g, '')
    .replace(/0x/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Calls `line` for each instruction of the file's code. Arguments are objdump's own. */
export async function objdump(args: readonly string[], line: (l: Line) => void): Promise<void> {
  const child = spawn('objdump', ['-w', '-z', '--no-show-raw-insn', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let rest = '';
  child.stdout.setEncoding('latin1');
  for await (const chunk of child.stdout) {
    const text = rest + (chunk as string);
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      // "  401000:\tendbr64"
      const colon = text.indexOf(':\t', at);
      if (colon >= 0 && colon < end && text.charCodeAt(at) === 0x20) {
        const address = Number.parseInt(text.slice(at, colon), 16);
        line({ address, text: text.slice(colon + 2, end) });
      }
      at = end + 1;
    }
    rest = text.slice(at);
  }
}
