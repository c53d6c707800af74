// A profile as speedscope reads it (https://www.speedscope.app/file-format-schema.json): for each program one over time, one by the way it was run,
// and one of what running was left for.
import { labelOf, MODES, type Profile, type ProgramProfile } from './profile.ts';

interface SampledProfile {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'milliseconds' | 'none';
  readonly startValue: 0;
  readonly endValue: number;
  readonly samples: readonly (readonly number[])[];
  readonly weights: readonly number[];
}
const micro = (ms: number): number => Math.round(ms * 1000) / 1000;

/** The file's text. `exporter`: who we are, `name`: what was run. */
export function speedscope(profile: Profile, exporter: string, name: string): string {
  const frames: { name: string; file?: string }[] = profile.frames.map((f) =>
    f.file === undefined ? { name: f.name } : { name: f.name, file: f.file },
  );
  const extra = (name: string): number => frames.push({ name }) - 1;
  const modes = Object.fromEntries(MODES.map((m) => [m, extra(`by way of running: ${m}`)]));
  const causes = new Map<string, number>();
  const sampled = (
    p: ProgramProfile,
    what: string,
    unit: SampledProfile['unit'],
    samples: SampledProfile['samples'],
    weights: readonly number[],
  ): SampledProfile => ({
    type: 'sampled',
    name: `${labelOf(p)}${what}`,
    unit,
    startValue: 0,
    endValue: weights.reduce((a, b) => a + b, 0),
    samples,
    weights,
  });
  const profiles = profile.programs.flatMap((p) => {
    const weights = p.samples.map((s) => micro(s.ms));
    const exits = Object.entries(p.exits).map(([cause, n]) => {
      if (!causes.has(cause)) causes.set(cause, extra(`left for: ${cause}`));
      return [[causes.get(cause) as number], n] as const;
    });
    return [
      sampled(
        p,
        '',
        'milliseconds',
        p.samples.map((s) => s.stack),
        weights,
      ),
      sampled(
        p,
        ', by way of running',
        'milliseconds',
        p.samples.map((s) => [modes[s.mode] as number, ...s.stack]),
        weights,
      ),
      sampled(
        p,
        ', exits by cause',
        'none',
        exits.map((e) => e[0]),
        exits.map((e) => e[1]),
      ),
    ];
  });
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter,
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  });
}
