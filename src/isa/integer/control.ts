// Jumps, calls, traps, and what is left of user-mode system instructions.
import { op } from '../op.ts';
import { RAX, RCX, RDX, RSP, type Sem, type V } from '../sem.ts';

export const jcc = op('j', {
  enc: ['70 Jbs jcc', '0f 80 Jz jcc'],
  access: ['a'],
  hot: true,
  sem: (b) => b.jcc(b.f.condition(b.cc)),
});
export const jmp = op('jmp', {
  enc: ['eb Jbs', 'e9 Jz text=jmpw|jmp|jmp'],
  access: ['a'],
  hot: true,
  sem: (b) => b.jmpRel(),
});
export const jmpIndirect = op('jmp', {
  enc: ['ff/4 Ev d64'],
  access: ['r'],
  hot: true,
  sem: (b, t) => b.jmpTo(b.near(t!)),
});
export const call = op('call', {
  enc: ['e8 Jz d64'],
  access: ['a'],
  hot: true,
  sem(b) {
    b.push(b.lo(b.nextRip(), b.size as 16 | 32 | 64));
    b.jmpRel();
  },
});
export const callIndirect = op('call', {
  enc: ['ff/2 Ev d64'],
  access: ['r'],
  hot: true,
  sem(b, t) {
    const w = b.size as 16 | 32 | 64;
    const top = b.sub(b.gpr(RSP, 64), b.k(64, w / 8));
    // The stack is looked at before the target is.
    const place = b.place(top, w / 8, 'w');
    const to = b.near(t!);
    b.storeAt(place, b.lo(b.nextRip(), w));
    b.setGpr(RSP, top);
    b.jmpTo(to);
  },
});
const returning = (b: Sem, more: V): void => {
  const at = b.gpr(RSP, 64);
  const to = b.near(b.load(at, b.size as 16 | 32 | 64));
  b.setGpr(RSP, b.add(b.add(at, b.k(64, b.size / 8)), more));
  b.jmpTo(to);
};
export const ret = op('ret', { enc: ['c3 d64'], hot: true, sem: (b) => returning(b, b.k(64, 0)) });
export const retImm = op('ret', { enc: ['c2 Iw d64'], access: ['r'], sem: (b, n) => returning(b, b.zx(n!, 64)) });
/** loop, loope, loopne and jrcxz count with the address size's part of rcx. */
const counting = (name: string, opcode: string, text: string, more?: (zf: boolean) => void) =>
  op(name, {
    enc: [`${opcode} Jbs`],
    text,
    access: ['a'],
    sem(b) {
      const { mask } = b.stringForm();
      const old = b.and(b.gpr(RCX, 64), mask);
      if (name === 'jrcxz') return b.jcc(b.isZero(old));
      const left = b.and(b.sub(old, b.k(64, 1)), mask);
      b.setGpr(RCX, left);
      const go = b.not(b.isZero(left));
      more?.(true);
      b.jcc(name === 'loop' ? go : b.and(go, name === 'loope' ? b.f.zf : b.not(b.f.zf)));
    },
  });
export const loopne = counting('loopne', 'e0', 'loopne^');
export const loope = counting('loope', 'e1', 'loope^');
export const loop = counting('loop', 'e2', 'loop^');
export const jrcxz = counting('jrcxz', 'e3', 'jcxz@jecxz@jrcxz');

export const syscall = op('syscall', {
  enc: ['0f 05 o64'],
  sem(b) {
    b.setGpr(RCX, b.nextRip());
    b.setGpr(11, b.zx(b.rflags(), 64));
    b.exit('syscall');
  },
});
export const sysenter = op('sysenter', { enc: ['0f 34 i64'], sem: (b) => b.exit('sysenter') });
export const int3 = op('int3', { enc: ['cc'], sem: (b) => b.trap(3) });
export const int1 = op('int1', { enc: ['f1'], sem: (b) => b.trap(1) });
export const int = op('int', {
  enc: ['cd Ib'],
  access: ['r'],
  sem(b, n) {
    const vector = b.zx(n!, 32);
    b.if(b.eq(vector, b.k(32, 0x80)), () => b.exit('int80'));
    b.if(b.eq(vector, b.k(32, 3)), () => b.trap(3));
    b.if(b.eq(vector, b.k(32, 4)), () => b.trap(4));
    // Any other gate has DPL 0: #GP with the vector's selector error code.
    b.faultWith(13, b.or(b.shl(vector, b.k(32, 3)), b.k(32, 2)));
  },
});
export const into = op('into', { enc: ['ce i64'], sem: (b) => b.if(b.f.of, () => b.trap(4)) });
export const ud2 = op('ud2', { enc: ['0f 0b'], sem: (b) => b.fault(6) });
export const cpuid = op('cpuid', {
  enc: ['0f a2'],
  sem(b) {
    b.helper('cpuid', b.zx(b.gpr(RAX, 32), 64), b.zx(b.gpr(RCX, 32), 64));
    [RAX, 3, RCX, RDX].forEach((r, i) => b.setGpr(r, b.helped(i, 32)));
  },
});
export const rdtsc = op('rdtsc', {
  enc: ['0f 31'],
  sem(b) {
    b.helper('rdtsc');
    b.setGpr(RAX, b.helped(0, 32));
    b.setGpr(RDX, b.helped(1, 32));
  },
});
export const rdtscp = op('rdtscp', {
  enc: ['0f 01:f9'],
  sem(b) {
    b.helper('rdtsc');
    b.setGpr(RAX, b.helped(0, 32));
    b.setGpr(RDX, b.helped(1, 32));
    b.setGpr(RCX, b.k(32, 0));
  },
});

const flagOp = (name: string, opcode: string, sem: NonNullable<Parameters<typeof op>[1]['sem']>) =>
  op(name, { enc: [opcode], sem });
export const clc = flagOp('clc', 'f8', (b) => b.f.carry(b.k(1, 0)));
export const stc = flagOp('stc', 'f9', (b) => b.f.carry(b.k(1, 1)));
export const cmc = flagOp('cmc', 'f5', (b) => b.f.carry(b.not(b.f.cf)));
export const cld = flagOp('cld', 'fc', (b) => b.setRestFlags(b.and(b.restFlags(), b.k(32, ~0x400))));
export const std = flagOp('std', 'fd', (b) => b.setRestFlags(b.or(b.restFlags(), b.k(32, 0x400))));

/** Control and debug registers that don't exist: #UD. */
export const movNowhere = op('mov', {
  enc: ['0f 20 Rn,Cn', '0f 22 Cn,Rn', '0f 21 Rn,Dn', '0f 23 Dn,Rn'],
  access: ['w', 'r'],
});
/** Only ring 0 may: #GP(0). */
const ring0 = (name: string, ...enc: string[]) =>
  op(name, { enc, privileged: true, access: ['a', 'a'], sem: (b) => b.fault(13) });
export const privileged = [
  ring0('hlt', 'f4'),
  ring0('cli', 'fa'),
  ring0('sti', 'fb'),
  ring0('in', 'e4 AL,Ib', 'e5 eAX,Ib', 'ec AL,DX', 'ed eAX,DX'),
  ring0('out', 'e6 Ib,AL', 'e7 Ib,eAX', 'ee DX,AL', 'ef DX,eAX'),
  ring0('ins', '6c Yb,DX rep', '6d Yz,DX rep'),
  ring0('outs', '6e DX,Xb rep', '6f DX,Xz rep'),
  // cr0, cr8, cr2, cr3, cr4; dr0 to dr3, dr6, dr7: there are no others.
  ring0('mov', '0f 20/0 Rn,Cn', ...[2, 3, 4].map((n) => `rexr0 0f 20/${n} Rn,Cn`)),
  ring0('mov', '0f 22/0 Cn,Rn', ...[2, 3, 4].map((n) => `rexr0 0f 22/${n} Cn,Rn`)),
  ring0('mov', ...[0, 1, 2, 3, 6, 7].map((n) => `rexr0 0f 21/${n} Rn,Dn`)),
  ring0('mov', ...[0, 1, 2, 3, 6, 7].map((n) => `rexr0 0f 23/${n} Dn,Rn`)),
  ring0('wrmsr', '0f 30'),
  ring0('rdmsr', '0f 32'),
  ring0('rdpmc', '0f 33'),
  ring0('clts', '0f 06'),
  ring0('invd', '0f 08'),
  ring0('wbinvd', '0f 09'),
  ring0('wbnoinvd', 'f3 0f 09'),
  ring0('sysret', '0f 07 o64 att=sysretl|sysretl|sysretq intel=sysretd|sysretd|sysretq', '0f 07 i64'),
  ring0('sysexit', '0f 35 o64 att=sysexitl|sysexitl|sysexitq intel=sysexitd|sysexitd|sysexitq', '0f 35 i64'),
  ring0('swapgs', '0f 01:f8'),
  ring0('lgdt', '0f 01/2 Ms o64', '0f 01/2 Ms i64 text=lgdtw|lgdtl|lgdtl'),
  ring0('lidt', '0f 01/3 Ms o64', '0f 01/3 Ms i64 text=lidtw|lidtl|lidtl'),
  ring0('lmsw', '0f 01/6 Ew'),
  ring0('invlpg', '0f 01/7 Mb'),
  ring0('lldt', '0f 00/2 Ew'),
  ring0('ltr', '0f 00/3 Ew'),
  ring0('xsetbv', 'np 0f 01:d1'),
];
