// `npm run bench:cpu -- [--kernel NAME]`: instructions a second of CPU time, in kernels that gcc makes, without a system around them. Each is run in turns
// until it has been warm for a while; other programs on the machine count little, as CPU time is measured, but they share its caches.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cpu } from '../../src/cpu/cpu.ts';
import { interpreterModule } from '../../src/cpu/interp/module.ts';
import { readTables } from '../../src/cpu/read-tables.ts';
import { makeTables } from '../../src/cpu/tables.ts';

const KERNELS: readonly (readonly [name: string, size: number])[] = [
  ['hash', 1000],
  ['bytes', 60],
  ['primes', 120_000],
  ['list', 6_000_000],
  ['fib', 31],
  ['sort', 80],
  ['floats', 2000],
];
const BASE = 0x40_0000;
const STACK = 0x80_0000;
const PAGE = 4096;
const { values } = parseArgs({ options: { kernel: { type: 'string' } } });

/** The program's memory from its base on, flat, and where it starts. */
function compile(): { image: Uint8Array; entry: number } {
  const directory = mkdtempSync(join(tmpdir(), 'ring3-bench-'));
  const program = join(directory, 'kernels');
  const flags = ['-O2', '-static', '-nostdlib', '-fno-stack-protector', '-fcf-protection=none', '-Wl,--build-id=none'];
  const gcc = spawnSync(
    'gcc',
    [...flags, '-no-pie', `-Wl,-Ttext-segment=0x${BASE.toString(16)}`, '-o', program, 'bench/cpu/kernels.c'],
    {
      encoding: 'utf8',
    },
  );
  if (gcc.status !== 0) throw new Error(`bench: gcc: ${gcc.error?.message ?? gcc.stderr}`);
  const elf = readFileSync(program);
  rmSync(directory, { recursive: true });
  const image = new Uint8Array(STACK - BASE);
  const [at, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
  for (let i = 0; i < count; i++) {
    const h = at + i * size;
    if (elf.readUInt32LE(h) !== 1) continue;
    const [from, to, n] = [8, 16, 32].map((o) => Number(elf.readBigUInt64LE(h + o))) as [number, number, number];
    image.set(elf.subarray(from, from + n), to - BASE);
  }
  return { image, entry: Number(elf.readBigUInt64LE(24)) };
}

const { image, entry } = compile();
const { packed, handlers } = makeTables();
const parts = { module: new WebAssembly.Module(interpreterModule(handlers)), tables: readTables(packed) };
const cpu = new Cpu(parts);
/** Runs a kernel once; instructions retired. */
function run(kernel: number, size: number): number {
  cpu.recycle();
  cpu.u8.set(image, BASE);
  cpu.protect(BASE, STACK - BASE, 7);
  cpu.protect(STACK, 16 * PAGE, 3);
  cpu.set('rip', entry);
  cpu.set('rsp', STACK + 16 * PAGE - 8);
  cpu.set('rdi', kernel);
  cpu.set('rsi', size);
  for (;;) {
    const exit = cpu.run(400_000);
    if (exit.kind === 'syscall') return cpu.retired();
    if (exit.kind === 'fault') throw new Error(`vector ${exit.vector} at ${cpu.get('rip').toString(16)}`);
  }
}
const seconds = (): number => process.cpuUsage().user / 1e6;
let logs = 0;
let measured = 0;
KERNELS.forEach(([name, size], kernel) => {
  if (values.kernel !== undefined && values.kernel !== name) return;
  run(kernel, size);
  let best = 0;
  let instructions = 0;
  for (let turn = 0; turn < 4; turn++) {
    const began = seconds();
    instructions = run(kernel, size);
    best = Math.max(best, instructions / (seconds() - began));
  }
  logs += Math.log(best);
  measured++;
  console.log(
    `${name.padEnd(8)} ${(best / 1e6).toFixed(0).padStart(5)} million instructions a second (${instructions} each turn)`,
  );
});
console.log(`${'mean'.padEnd(8)} ${(Math.exp(logs / measured) / 1e6).toFixed(0).padStart(5)} (geometric)`);
