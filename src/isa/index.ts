// Every instruction family. Importing this module defines them all.
import './integer/arithmetic.ts';
import './integer/move.ts';
import './integer/shift.ts';
import './integer/multiply.ts';
import './integer/string.ts';
import './integer/control.ts';
import './integer/system.ts';
import './integer/hint.ts';
import './integer/extensions.ts';

export { ops } from './op.ts';

import './sse/fp.ts';
import './sse/move.ts';
import './sse/arithmetic.ts';
import './sse/integer.ts';
import './sse/mmx.ts';
import './sse/sse4.ts';
import './x87/arithmetic.ts';
import './x87/compare.ts';
import './x87/control.ts';
import './x87/fast.ts';
import './x87/fast-store.ts';
import './x87/move.ts';
import './x87/transcendental.ts';
import './sse/3dnow.ts';
import './avx/float.ts';
import './avx/convert.ts';
import './avx/move.ts';
import './avx/integer.ts';
import './avx/mask.ts';
import './avx/amd.ts';
