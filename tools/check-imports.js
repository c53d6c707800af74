// The arrows of docs/ARCHITECTURE.md: who may import whom. Nothing outside host/node, api/node, cli, tools and test knows Node.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const src = join(root, 'src');
/** Types of the CPU and the host reach the kernel through kernel/cpu.ts and host/host.ts. */
const MAY = {
  bits: [],
  wasm: ['bits'],
  isa: ['bits', 'wasm'],
  cpu: ['bits', 'wasm', 'isa', 'kernel/cpu.ts', 'cpu/meter.ts'],
  abi: ['bits'],
  kernel: ['bits', 'abi', 'host/host.ts'],
  trace: ['bits', 'abi', 'kernel'],
  'cpu/meter.ts': [],
  profile: ['bits', 'abi', 'kernel', 'cpu/meter.ts'],
  machine: ['bits', 'abi', 'kernel', 'cpu', 'trace', 'profile', 'host/host.ts'],
  'host/host.ts': [],
  'host/node': ['host/host.ts', 'bits'],
  'host/browser': ['host/host.ts', 'bits'],
  api: ['abi', 'cpu', 'kernel', 'trace', 'machine', 'host/host.ts', 'host/browser'],
  'api/browser': ['api', 'cpu', 'host/browser'],
  'api/node': ['api', 'cpu', 'host/browser', 'host/node'],
};
const layerOf = (path) =>
  Object.keys(MAY)
    .filter((l) => path === l || path.startsWith(`${l}/`))
    .sort((a, b) => b.length - a.length)[0];
const bad = [];
for (const file of readdirSync(src, { recursive: true }).filter(
  (f) => f.endsWith('.ts') && !f.endsWith('.d.ts') && !f.endsWith('.test.ts'),
)) {
  const layer = layerOf(file);
  for (const [, spec] of readFileSync(join(src, file), 'utf8').matchAll(/(?:from\s+|import\s+|import\()'([^']+)'/g)) {
    if (!spec.startsWith('.')) {
      if (layer !== 'host/node' && layer !== 'api/node') bad.push(`${file}: imports ${spec}`);
      continue;
    }
    const to = relative(src, resolve(dirname(join(src, file)), spec));
    const target = layerOf(to);
    if (target !== layer && !MAY[layer]?.some((m) => to === m || to.startsWith(`${m}/`)))
      bad.push(`${file}: ${layer} may not import ${to}`);
  }
}
for (const b of bad) console.log(b);
process.exitCode = bad.length ? 1 : 0;
