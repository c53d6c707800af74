// What the tests ask of the machine they run on: is it Linux on x86-64 with a C compiler, and what does a program do there?
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const RING3 = join(ROOT, 'bin/ring3');

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
/** Why guest tests can't run here; undefined where they can. */
export const noGuests: string | undefined =
  process.platform !== 'linux' || process.arch !== 'x64'
    ? `not Linux on x86-64 but ${process.platform} on ${process.arch}`
    : works('gcc', '--version')
      ? undefined
      : 'no gcc here';
export const hasStrace = noGuests === undefined && works('strace', '-V');

/** Directives in a source's first lines: `build: FLAGS` for the compiler, `args: WORDS` and `stdin: TEXT` for the run. */
export function directive(text: string, name: string): string | undefined {
  return new RegExp(`${name}: *([^\\n*]*)`).exec(text.split('\n').slice(0, 6).join('\n'))?.[1]?.trim();
}
const words = (text: string | undefined): string[] => (text ? text.split(/\s+/) : []);

const BUILT = join(tmpdir(), `ring3-test-${process.getuid?.() ?? 0}`);
/** Compiles a C or assembly source; the same source is compiled once. Gives the program's path. */
export function compile(source: string): string {
  const text = readFileSync(source, 'utf8');
  const flags = words(directive(text, 'build'));
  const key = createHash('sha256')
    .update(`${text}\0${flags.join(' ')}`)
    .digest('hex')
    .slice(0, 12);
  const out = join(BUILT, `${basename(source).replace(/\..*/, '')}-${key}`);
  if (existsSync(out)) return out;
  mkdirSync(BUILT, { recursive: true });
  const temporary = `${out}.${process.pid}`;
  const r = spawnSync('gcc', ['-O1', '-w', '-o', temporary, source, ...flags], { encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`gcc cannot compile ${source}:\n${r.stderr}`);
  renameSync(temporary, out);
  return out;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** `exit N`, a signal's name, or `timed out`. */
  readonly status: string;
}
export interface RunRequest {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  HOME: '/',
  TERM: 'dumb',
};

/** Runs a program in a fresh directory with little environment. */
export async function execute(r: RunRequest): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), 'ring3-run-'));
  try {
    const [program, ...args] = r.argv as [string, ...string[]];
    const child = spawn(program, args, { cwd, env: { ...ENVIRONMENT, ...r.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (b: Buffer) => out.push(b));
    child.stderr.on('data', (b: Buffer) => err.push(b));
    child.stdin.on('error', () => {});
    child.stdin.end(r.stdin ?? '');
    let late = false;
    const timer = setTimeout(
      () => {
        late = true;
        child.kill('SIGKILL');
      },
      1000 * (r.seconds ?? 30),
    );
    const status = await new Promise<string>((done, fail) => {
      child.on('error', fail);
      child.on('close', (code, signal) => done(signal ?? `exit ${code}`));
    });
    clearTimeout(timer);
    const text = (list: Buffer[]): string => Buffer.concat(list).toString('latin1');
    return { stdout: text(out), stderr: text(err), status: late ? 'timed out' : status };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
/** The same under ring3; `options` stand behind `run`. */
export const underRing3 = (r: RunRequest, options: readonly string[] = []): Promise<Outcome> =>
  execute({ ...r, argv: [process.execPath, RING3, 'run', ...options, '--', ...r.argv] });
export { words };
