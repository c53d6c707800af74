// table
// Small functions whose generated code is kept in golden/, as a C compiler makes them; `runs` reach all of their blocks (first arguments: rdi, rsi, rdx).

/** Where the arguments of a run may point to: so many bytes of data. */
export const DATA = 0x240000;
export interface Sample {
  readonly name: string;
  readonly about: string;
  readonly code: string;
  readonly runs: readonly (readonly [rdi: number, rsi: number, rdx: number])[];
}
export const SAMPLES: readonly Sample[] = [
  {
    name: 'sum',
    about: 'sum of an array of int',
    code: '31c085f67e138d56ff488d54970403074883c7044839d775f5c3',
    runs: [
      [DATA, 3, 0],
      [DATA, 0, 0],
    ],
  },
  {
    name: 'length',
    about: 'length of a string, byte by byte',
    code: '31c0803f00740a4883c001803c070075f6c3',
    runs: [
      [DATA, 0, 0],
      [DATA + 0x100, 0, 0],
    ],
  },
  {
    name: 'copy',
    about: 'bytes copied one by one',
    code: '4889f831c94885d27411440fb6040e4488040848ffc14839d172efc3',
    runs: [
      [DATA + 0x200, DATA, 3],
      [DATA, DATA, 0],
    ],
  },
  { name: 'clamp', about: 'conditional moves', code: '39f789d00f4cfe39d70f4ec7c3', runs: [[5, 1, 3]] },
  {
    name: 'record',
    about: 'members of a structure, read and written',
    code: '488b07488b570883471001488917488947088b47142b471889471cc3',
    runs: [[DATA, 0, 0]],
  },
  {
    name: 'calls',
    about: 'two calls of a small function',
    code: '5389fbe80d00000089df01c3e80400000001d85bc30fafff89f8c3',
    runs: [[3, 0, 0]],
  },
  {
    name: 'choose',
    about: 'a switch by a table of addresses',
    code: '83ff037722488d151e00000089ff486304ba4801d0ffe0b80a000000c3b814000000c38d0476c331c0c3edfffffff3fffffff9fffffffdffffff',
    runs: [0, 1, 2, 3, 4].map((n) => [n, 7, 0] as const),
  },
  {
    name: 'hash',
    about: 'shifts, a rotation and a product of 64 bits',
    code: '4889f848c1e8214831f848bacd8c55edd7af51ff480fafc248c1c01f89c2c1e20529c248c1f8074831d0c3',
    runs: [[12345, 0, 0]],
  },
  {
    name: 'wide',
    about: 'a sum of 128 bits, and its carry',
    code: '488b07480306488907488b470848134608488947080f92c0c3',
    runs: [[DATA, DATA + 32, 0]],
  },
  {
    name: 'dot',
    about: 'scalar product of arrays of double',
    code: '660fefc031c0f20f100cc7f20f590cc6f20f58c14883c0014839d075e9c3',
    runs: [[DATA + 0x400, DATA + 0x400, 4]],
  },
  {
    name: 'vector',
    about: 'four sums at once',
    code: '31c0f30f6f0407f30f6f0c06660ffec10f1104074883c0104839d072e5c3',
    runs: [[DATA, DATA + 64, 64]],
  },
  {
    name: 'bytes',
    about: 'parts of registers',
    code: '0fb6c188dc00e00f92c20fbec86689c880ca02c3',
    runs: [[0, 0, 0]],
  },
  {
    name: 'decimal',
    about: 'digits of a number, by division',
    code: '89f8b90a00000031d2f7f183c23048ffce881685c075f0c3',
    runs: [[1234, DATA + 32, 0]],
  },
  {
    name: 'compare',
    about: 'comparisons without and with a sign',
    code: '4839f7770a85ff780cb801000000c3b802000000c3b803000000c3',
    runs: [
      [1, 2, 0],
      [2, 1, 0],
      [0xffff_ffff, 0xffff_ffff, 0],
    ],
  },
  {
    name: 'bits',
    about: 'the lowest bit, a bit tested',
    code: '89f8f7d821f80fbccf0fbae7037203c1e1028d048883f055c3',
    runs: [
      [8, 0, 0],
      [4, 0, 0],
    ],
  },
  {
    name: 'stack',
    about: 'a frame on the stack, a saved register',
    code: '554889e541544883ec2048897de84c8b65e8498d4424014883c420415cc9c3',
    runs: [[1, 0, 0]],
  },
];

/** Instructions by kind, for cost.txt: what each takes. */
export const COSTS: readonly (readonly [text: string, code: string])[] = [
  ['mov rax, rbx', '4889d8'],
  ['mov eax, ebx', '89d8'],
  ['mov al, bl', '88d8'],
  ['mov eax, 5', 'b805000000'],
  ['lea rax, [rbx+rcx*4+8]', '488d448b08'],
  ['add rax, rbx', '4801d8'],
  ['add eax, ebx', '01d8'],
  ['add al, bl', '00d8'],
  ['adc rax, rbx', '4811d8'],
  ['xor eax, eax', '31c0'],
  ['inc eax', 'ffc0'],
  ['neg rax', '48f7d8'],
  ['shl rax, 3', '48c1e003'],
  ['shl eax, cl', 'd3e0'],
  ['rol rax, 7', '48c1c007'],
  ['imul rax, rbx', '480fafc3'],
  ['mul ebx', 'f7e3'],
  ['cdqe', '4898'],
  ['movzx eax, bl', '0fb6c3'],
  ['movsx eax, bl', '0fbec3'],
  ['cmp rax, rbx; sete cl', '4839d80f94c1'],
  ['test eax, eax; cmovs ebx, ecx', '85c00f48d9'],
  ['bsf eax, ebx', '0fbcc3'],
  ['bt eax, 3', '0fbae003'],
  ['bswap rax', '480fc8'],
  ['xchg rax, rbx', '4893'],
  ['mov rax, [rdi]', '488b07'],
  ['mov [rdi+8], rax', '48894708'],
  ['add [rdi], eax', '0107'],
  ['movzx eax, byte ptr [rdi+rsi]', '0fb60437'],
  ['mov rax, [rip+0x100]', '488b0500010000'],
  ['push rax; pop rbx', '505b'],
  ['lock add [rdi], eax', 'f00107'],
  ['lock cmpxchg [rdi], ebx', 'f00fb11f'],
  ['movaps xmm0, xmm1', '0f28c1'],
  ['movdqu xmm0, [rdi]', 'f30f6f07'],
  ['movdqa [rdi], xmm0', '660f7f07'],
  ['movsd xmm0, [rdi]', 'f20f1007'],
  ['paddd xmm0, xmm1', '660ffec1'],
  ['pxor xmm0, xmm0', '660fefc0'],
  ['pshufd xmm0, xmm1, 0x1b', '660f70c11b'],
  ['pmovmskb eax, xmm0', '660fd7c0'],
  ['addsd xmm0, xmm1', 'f20f58c1'],
  ['mulsd xmm0, xmm1', 'f20f59c1'],
  ['addpd xmm0, xmm1', '660f58c1'],
  ['mulps xmm0, xmm1', '0f59c1'],
  ['comisd xmm0, xmm1', '660f2fc1'],
  ['cvtsi2sd xmm0, eax', 'f20f2ac0'],
  ['cvttsd2si eax, xmm0', 'f20f2cc0'],
  ['fld qword ptr [rdi]; fstp qword ptr [rdi]', 'dd07dd1f'],
];
