import { expect, test } from 'vitest';
import { Output, Page } from './page.ts';

function pages(): { a: Page; b: Page; text: () => string } {
  let text = '';
  const output = new Output({ write: (s) => (text += s) });
  const a = new Page(output);
  return {
    a,
    b: new Page(output),
    text: () => {
      output.pass();
      return text;
    },
  };
}
test('a line', () => {
  const { a, text } = pages();
  a.start('one(1');
  a.finish(`${a.resume() ?? a.again('never')}) = 0\n`);
  expect(text()).toBe('one(1) = 0\n');
});
test('another task interrupts it', () => {
  const { a, b, text } = pages();
  a.start('one(1');
  b.start('two(2');
  a.finish(`${a.resume() ?? a.again('<... one resumed>')}) = 1\n`);
  b.finish(`${b.resume() ?? b.again('<... two resumed>')}) = 2\n`);
  expect(text()).toBe(
    'one(1 <unfinished ...>\ntwo(2 <unfinished ...>\n<... one resumed>) = 1\n<... two resumed>) = 2\n',
  );
});
test('its own signal interrupts it as well', () => {
  const { a, text } = pages();
  a.start('pause(');
  a.line('--- SIGALRM ---');
  a.finish(`${a.resume() ?? a.again('<... pause resumed>')}) = ?\n`);
  expect(text()).toBe('pause( <unfinished ...>\n--- SIGALRM ---\n<... pause resumed>) = ?\n');
});
test('what was shown already is not shown again', () => {
  const { a, b, text } = pages();
  a.start('one(1');
  a.flush();
  expect(text()).toBe('one(1');
  a.flush();
  b.line('+++ exited +++');
  a.finish(`${a.resume() ?? a.again('<... one resumed>')}) = 1\n`);
  expect(text()).toBe('one(1 <unfinished ...>\n+++ exited +++\n<... one resumed>) = 1\n');
  a.start('two(');
  a.flush();
  a.finish(`${a.resume() ?? a.again('never')}) = 2\n`);
  expect(text()).toMatch(/\ntwo\(\) = 2\n$/);
});
test('a held line is not interrupted, and may be dropped', () => {
  const { a, b, text } = pages();
  a.hold('one(');
  b.start('two(');
  b.finish(`${b.resume() ?? b.again('never')}) = 2\n`);
  a.finish(`${a.resume() ?? a.again('never')}) = 1\n`);
  a.hold('three(');
  a.drop();
  expect(text()).toBe('two() = 2\none() = 1\n');
});
test('much text is handed over early', () => {
  let pieces = 0;
  const output = new Output({ write: () => pieces++ });
  const page = new Page(output);
  for (let i = 0; i < 3000; i++) page.line('x'.repeat(99));
  expect(pieces).toBe(18);
});
