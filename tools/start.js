// `npm start`: the main job on a real program; `npm start -- ARGS` is `ring3 ARGS`.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ring3 = join(dirname(fileURLToPath(import.meta.url)), '../bin/ring3');
const given = process.argv.slice(2);
const r = spawnSync(process.execPath, [ring3, ...(given.length ? given : ['strace', '/bin/echo', 'hello'])], {
  stdio: 'inherit',
});
if (r.signal) process.kill(process.pid, r.signal);
process.exitCode = r.status ?? 1;
