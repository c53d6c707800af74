// The test's page: runs what it is asked to on machines of its own, with files from the server.
import { Machine, readTar } from '/ring3/index.js';

const text = new TextDecoder();
async function content(url) {
  const r = await fetch(url);
  if (!r.ok) throw new Error(`${url}: ${r.status}`);
  return new Uint8Array(await r.arrayBuffer());
}
/** `files`: URLs by path in the machine; `tar`: the URL of an archive. */
async function machineOf({ files = {}, tar, ...options }) {
  const loaded = await Promise.all(Object.entries(files).map(async ([path, url]) => [path, await content(url)]));
  return new Machine({
    ...options,
    files: { ...(tar ? readTar(await content(tar)) : {}), ...Object.fromEntries(loaded) },
  });
}
async function outcomeOf(machine, { command, traced, ...options }) {
  let trace = '';
  const take = traced ? { trace: (part) => (trace += part) } : {};
  const { stdout, stderr, ...how } = await machine.run(command, { ...options, ...take });
  return { ...how, stdout: text.decode(stdout), stderr: text.decode(stderr), trace };
}
/** One program on a machine of its own. */
export async function run(spec) {
  const machine = await machineOf(spec.machine);
  try {
    return await outcomeOf(machine, spec);
  } finally {
    machine.terminate();
  }
}
/** The milliseconds that `runs` runs of a program take on one machine, which is made for the first. */
export async function timed({ command, runs, machine: of }) {
  const began = performance.now();
  const machine = await machineOf(of);
  const { stdout } = await machine.run(command);
  const first = performance.now() - began;
  let again = first;
  for (let i = 1; i < runs; i++) {
    const before = performance.now();
    await machine.run(command);
    again = Math.min(again, performance.now() - before);
  }
  machine.terminate();
  return { first, again, stdout: text.decode(stdout) };
}
/** A program that is ended from outside after it has written something: gives why `run` rejected. */
export async function terminated(spec) {
  const machine = await machineOf(spec.machine);
  try {
    await machine.run(spec.command, { stdout: () => machine.terminate() });
    return 'it ended by itself';
  } catch (e) {
    return e.message;
  }
}
/** Typed to while it runs, then interrupted. */
export async function interactive(spec) {
  const machine = await machineOf(spec.machine);
  let keyboard;
  const stdin = new ReadableStream({
    start: (controller) => (keyboard = controller),
  });
  let out = '';
  const how = await machine.run(spec.command, {
    stdin,
    stdout: (bytes) => {
      out += text.decode(bytes);
      if (out === 'ready\n') keyboard.enqueue('one\n');
      if (out === 'ready\ngot one\n') machine.kill(15);
    },
  });
  machine.terminate();
  return { kind: how.kind, signal: how.signal, out };
}
