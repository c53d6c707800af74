// What speedscope's file format asks of a file (https://www.speedscope.app/file-format-schema.json), written as checks.
const UNITS = ['bytes', 'microseconds', 'milliseconds', 'nanoseconds', 'none', 'seconds'];

type Json = Readonly<Record<string, unknown>>;
const isObject = (x: unknown): x is Json => typeof x === 'object' && x !== null && !Array.isArray(x);
const isNumber = (x: unknown): x is number => typeof x === 'number' && Number.isFinite(x);
const isList = (x: unknown): x is readonly unknown[] => Array.isArray(x);

/** What is wrong with a file; nothing: it is as it must be. */
export function speedscopeFaults(text: string): string[] {
  const faults: string[] = [];
  const must = (right: boolean, what: string): boolean => {
    if (!right) faults.push(what);
    return right;
  };
  const file: unknown = JSON.parse(text);
  if (!isObject(file)) return ['not an object'];
  must(file.$schema === 'https://www.speedscope.app/file-format-schema.json', '$schema');
  for (const key of ['exporter', 'name']) if (key in file) must(typeof file[key] === 'string', `${key} is no string`);
  const frames = isObject(file.shared) && isList(file.shared.frames) ? file.shared.frames : [];
  must(isObject(file.shared) && isList(file.shared.frames), 'shared.frames is no list');
  frames.forEach((f, i) => {
    if (!must(isObject(f), `frame ${i} is no object`)) return;
    const { name, file: path, line, col } = f as Json;
    must(typeof name === 'string', `frame ${i} has no name`);
    must(path === undefined || typeof path === 'string', `file of frame ${i}`);
    must(
      [line, col].every((n) => n === undefined || isNumber(n)),
      `line or column of frame ${i}`,
    );
  });
  if (!must(isList(file.profiles), 'profiles is no list')) return faults;
  const profiles = file.profiles as readonly unknown[];
  if ('activeProfileIndex' in file)
    must(
      isNumber(file.activeProfileIndex) && file.activeProfileIndex < Math.max(1, profiles.length),
      'activeProfileIndex',
    );
  profiles.forEach((p, i) => {
    if (!must(isObject(p), `profile ${i} is no object`)) return;
    const { type, name, unit, startValue, endValue, samples, weights } = p as Json;
    must(type === 'sampled', `profile ${i} has type ${String(type)}`);
    must(typeof name === 'string', `profile ${i} has no name`);
    must(UNITS.includes(String(unit)), `profile ${i} has unit ${String(unit)}`);
    must(isNumber(startValue) && isNumber(endValue) && endValue >= startValue, `start and end of profile ${i}`);
    if (!must(isList(samples) && isList(weights), `samples and weights of profile ${i}`)) return;
    const [s, w] = [samples as readonly unknown[], weights as readonly unknown[]];
    must(s.length === w.length, `profile ${i} has ${s.length} samples and ${w.length} weights`);
    must(
      w.every((n) => isNumber(n) && n >= 0),
      `a weight of profile ${i}`,
    );
    const known = (n: unknown): boolean => isNumber(n) && Number.isInteger(n) && n >= 0 && n < frames.length;
    must(
      s.every((stack) => isList(stack) && stack.every(known)),
      `a frame of profile ${i} isn't there`,
    );
  });
  return faults;
}
