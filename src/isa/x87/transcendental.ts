// Exponentials, logarithms, trigonometry.
import { op } from '../op.ts';
import { plain } from './unit.ts';

op('f2xm1', { enc: ['d9:f0'], sem: plain('2xm1') });
op('fyl2x', { enc: ['d9:f1'], sem: plain('yl2x') });
op('fptan', { enc: ['d9:f2'], sem: plain('ptan') });
op('fpatan', { enc: ['d9:f3'], sem: plain('patan') });
op('fyl2xp1', { enc: ['d9:f9'], sem: plain('yl2xp1') });
op('fsincos', { enc: ['d9:fb'], sem: plain('sincos') });
op('fsin', { enc: ['d9:fe'], sem: plain('sin') });
op('fcos', { enc: ['d9:ff'], sem: plain('cos') });
