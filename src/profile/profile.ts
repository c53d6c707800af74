// A profile: where the time of guest programs went. Writers make files of it (speedscope.ts, pprof.ts).

/** A function, or a part of the machine (in brackets, without a file). */
export interface Frame {
  readonly name: string;
  /** The file the function is in. */
  readonly file: string | undefined;
}
/** How what was sampled is run; `ring3`: the machine's own work on the program's code. */
export const MODES = ['compiled', 'interpreted', 'kernel', 'ring3'] as const;
export type Mode = (typeof MODES)[number];
export interface Sample {
  /** Indices of frames, the outermost first. */
  readonly stack: readonly number[];
  readonly mode: Mode;
  /** Milliseconds, and instructions retired, that stand for it. */
  ms: number;
  instructions: number;
}
/** One program in a process: execve begins another. */
export interface ProgramProfile {
  readonly pid: number;
  readonly name: string;
  /** In order of time. */
  readonly samples: readonly Sample[];
  /** How often running its code was left, by cause. */
  readonly exits: Readonly<Record<string, number>>;
}
export interface Profile {
  readonly frames: readonly Frame[];
  readonly programs: readonly ProgramProfile[];
}
export const labelOf = (p: ProgramProfile): string => `${p.name} (${p.pid})`;
