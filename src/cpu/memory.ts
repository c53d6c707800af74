// The memories of address spaces: 4 GiB each, reserved and not used until touched.

const PAGES = 65536;
/** Numbers of the binary format: a section's, an import's kind, the limits of a shared memory. */
const IMPORTS = 2;
const MEMORY = 2;
const SHARED = 3;

/**
 * A memory for one address space. Shared where it can be, though one thread uses it: V8 counts an unshared memory's 4 GiB as pressure on its heap and
 * collects garbage, 4 to 10 ms, for each one made. Throws a RangeError where the host has no more room.
 */
export function newMemory(shared: boolean): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared });
}
/** Whether memories can be shared here: some hosts have that switched off. */
export function canShare(): boolean {
  try {
    new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true });
    return true;
  } catch {
    return false;
  }
}
/** The machine's modules take shared memories: one as it was built, changed to take one that isn't. Its first import is the memory. */
export function unshared(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(module);
  let at = 8;
  const uleb = (): number => {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      n |= (byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
  };
  while (bytes[at] !== IMPORTS) {
    at++;
    const length = uleb();
    at += length;
  }
  at++;
  uleb();
  uleb();
  for (const _ of ['module', 'name']) {
    const length = uleb();
    at += length;
  }
  if (bytes[at] !== MEMORY || bytes[at + 1] !== SHARED)
    throw new Error('the module has no shared memory as its first import');
  bytes[at + 1] = SHARED & ~2;
  return bytes;
}
