// Where `ring3 run --profile=FILE` puts what was measured.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { pprof } from '../src/profile/pprof.ts';
import type { Profile } from '../src/profile/profile.ts';
import { speedscope } from '../src/profile/speedscope.ts';
import { VERSION } from './help.ts';
import type { ProfileFormat } from './options.ts';

/** Text of the guest's bytes (one char a byte), which are UTF-8 as a rule. */
const textOf = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/** A file for a profile: made before the run, so that it is known that it can be. */
export class ProfileFile {
  readonly #fd: number;
  readonly #format: ProfileFormat;

  /** Throws where the file can't be written. */
  constructor(to: { readonly file: string; readonly format: ProfileFormat }) {
    this.#fd = openSync(to.file, 'w', 0o666);
    this.#format = to.format;
  }
  /** `command`: what was run. */
  write(profile: Profile, command: readonly string[]): void {
    const text: Profile = {
      frames: profile.frames.map((f) => ({ name: textOf(f.name), file: f.file && textOf(f.file) })),
      programs: profile.programs.map((p) => ({ ...p, name: textOf(p.name) })),
    };
    const content = this.#format === 'pprof' ? gzipSync(pprof(text)) : speedscope(text, VERSION, command.join(' '));
    writeFileSync(this.#fd, content);
    closeSync(this.#fd);
  }
}
