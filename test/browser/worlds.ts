// Browsers that have less than this one, as code that the worker runs first.

/** No shared memory to give. */
export const UNSHARED = `
const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(d) {
    if (d.shared) throw new TypeError('shared memory is switched off');
    super(d);
  }
};
`;
/** An address space that is used up soon. */
export const FEW_MEMORIES = `
const { Memory } = WebAssembly;
let left = 12;
WebAssembly.Memory = class extends Memory {
  constructor(d) {
    if (d.initial && left-- <= 0) throw new RangeError('could not allocate memory');
    super(d);
  }
};
`;
