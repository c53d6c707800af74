// The data the real programs work on: made anew each time, always the same at one scale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Numbers below n, evenly (xorshift; Marsaglia, "Xorshift RNGs", 2003). */
function generator(seed: number): (n: number) => number {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

export function makeData(directory: string, scale: number): void {
  mkdirSync(directory, { recursive: true });
  const next = generator(2463534242);
  const few = (n: number): number => Math.min(next(n), next(n), next(n));
  const syllables = ['ka', 'ro', 'mi', 'ten', 'sol', 'ar', 'ne', 'du', 'fi', 'lom', 'be', 'us', 'ga', 'th', 'el', 'wo'];
  const words = Array.from({ length: 4000 }, () =>
    Array.from({ length: 1 + next(4) }, () => syllables[few(syllables.length)]).join(''),
  );
  const text = (bytes: number): string => {
    const lines: string[] = [];
    for (let n = 0; n < bytes; ) {
      const line = [next(1_000_000), ...Array.from({ length: 4 + next(9) }, () => words[few(words.length)])];
      lines.push(line.join(' '));
      n += (lines.at(-1) as string).length + 1;
    }
    return `${lines.join('\n')}\n`;
  };
  const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(directory, name), content);
  put('text', text(4e6 * scale));
  put('text-short', text(8e5 * scale));
  const long = Buffer.from(text(3.2e7 * scale));
  put('text-long', long);
  put('text-long.gz', gzipSync(long));
  const rows = Array.from({ length: Math.round(60_000 * scale) }, (_, id) => ({
    id,
    kind: words[few(200)] as string,
    at: next(5000) / 4,
    tags: [words[next(4000)], next(100), null],
  }));
  put('rows.json', JSON.stringify(rows));
  const insert = rows.map((r) => `insert into t values(${r.id}, '${r.kind}', ${r.at}, '${r.tags[0]}');`);
  put(
    'rows.sql',
    [
      'create table t(id integer primary key, kind text, at real, tag text);',
      'create index by_kind on t(kind, at);',
      'begin;',
      ...insert,
      'commit;',
      'select kind, count(*), max(at) from t group by kind order by 2 desc, 1 limit 5;',
      'select count(distinct tag), sum(length(tag)) from t where tag like "%sol%";',
      'select count(*) from t a join t b on a.kind = b.kind and a.at < b.at where a.id < 100;',
    ].join('\n'),
  );
}
