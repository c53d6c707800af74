// Where the vDSO goes, with the page of data it reads below it.
import { Errno } from '../../abi/errno.ts';
import * as M from '../../abi/mman.ts';
import type { Kernel } from '../kernel.ts';
import type { AddressSpace } from '../mm/address-space.ts';
import { VDSO_SIZE, VVAR_BELOW, vdsoImage } from './vdso.ts';

let image: Uint8Array | undefined;

/** Maps both; gives the vDSO's address. */
export function mapVdso(space: AddressSpace, kernel: Kernel): number | Errno {
  const vvar = space.place(0, VVAR_BELOW + VDSO_SIZE, 0);
  if (vvar instanceof Errno) return vvar;
  const vdso = vvar + VVAR_BELOW;
  const map = (address: number, length: number, prot: number, name: string): number | Errno =>
    space.map({ address, length, prot, flags: M.MAP_PRIVATE | M.MAP_ANONYMOUS | M.MAP_FIXED, name });
  const data = map(vvar, VVAR_BELOW, M.PROT_READ, '[vvar]');
  if (data instanceof Errno) return data;
  const code = map(vdso, VDSO_SIZE, M.PROT_READ | M.PROT_EXEC, '[vdso]');
  if (code instanceof Errno) return code;
  space.fault(vvar, 'read');
  space.fault(vdso, 'read');
  image ??= vdsoImage();
  space.pageBytes(vdso)?.set(image);
  const words = space.pageBytes(vvar);
  if (words) new DataView(words.buffer, words.byteOffset).setBigInt64(0, kernel.realtime() - kernel.monotonic(), true);
  return vdso;
}
