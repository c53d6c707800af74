// The host's CPU as executor: builds the harness with the machine's gcc and hands it batches.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, decodeResults, encodeBatch, type Result } from './batch.ts';

export class Native {
  readonly #directory: string;
  readonly #program: string;
  private constructor(directory: string) {
    this.#directory = directory;
    this.#program = join(directory, 'harness');
  }
  /** The executor, or why there can be none here. */
  static create(root: string): Native | string {
    if (process.platform !== 'linux' || process.arch !== 'x64') return 'the host is no x86-64 Linux';
    const directory = mkdtempSync(join(tmpdir(), 'ring3-fuzz-'));
    const native = new Native(directory);
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-fno-stack-protector', '-mfsgsbase'];
    const gcc = spawnSync('gcc', [...flags, '-o', native.#program, join(root, 'test/fuzz/harness.c')], {
      encoding: 'utf8',
    });
    const why = gcc.error
      ? 'there is no gcc'
      : gcc.status !== 0
        ? `gcc refused the harness: ${gcc.stderr}`
        : native.#probe();
    if (why === undefined) return native;
    native.close();
    return why;
  }
  #probe(): string | undefined {
    const r = spawnSync(this.#program, { input: encodeBatch([]), encoding: 'utf8' });
    return r.status === 0 ? undefined : `the harness can't run here: ${r.stderr.trim()}`;
  }
  run(cases: readonly Case[]): Promise<Result[]> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, { stdio: ['pipe', 'pipe', 'inherit'] });
      const parts: Buffer[] = [];
      child.stdout.on('data', (b: Buffer) => parts.push(b));
      child.on('error', reject);
      child.on('close', (status, signal) => {
        const results = decodeResults(Buffer.concat(parts));
        if (status === 0 && results.length === cases.length) resolve(results);
        else
          reject(
            new Error(`the harness ended with ${signal ?? status} and ${results.length} results of ${cases.length}`),
          );
      });
      child.stdin.on('error', () => undefined);
      child.stdin.end(encodeBatch(cases));
    });
  }
  close(): void {
    if (existsSync(this.#directory)) rmSync(this.#directory, { recursive: true });
  }
}
