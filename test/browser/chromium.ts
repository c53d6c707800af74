// The browser of the tests: a chromium that is installed, without a window.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** RING3_CHROMIUM names another one. */
export const executable: string | undefined = [process.env.RING3_CHROMIUM ?? '', ...PLACES].find(
  (p) => p && existsSync(p),
);
/** Why there are no tests in a browser; undefined where there are. In CI its absence is an error. */
export const noBrowser: string | undefined = executable
  ? undefined
  : `no chromium here: looked for ${PLACES.join(', ')}`;

/** Ends with the process that started it, at the latest. */
export function launch(): Promise<Browser> {
  if (!executable) throw new Error(noBrowser);
  const root = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: executable,
    headless: true,
    timeout: 60_000,
    args: [...(root ? ['--no-sandbox'] : []), '--disable-dev-shm-usage', '--disable-gpu', '--disable-extensions'],
  });
}
