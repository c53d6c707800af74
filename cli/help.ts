// What `ring3 --help` and `--version` print.
import manifest from '../package.json' with { type: 'json' };

export const VERSION = `ring3 ${manifest.version}`;
export const HELP = `${VERSION}: runs Linux programs without Linux, and shows every system call they make

  ring3 run [OPTION...] [--] PROGRAM [ARG...]     run it
  ring3 strace [OPTION...] PROGRAM [ARG...]       trace its system calls; options as strace has them (ring3 strace -h)
  ring3 PROGRAM [ARG...]                          the same as ring3 run -- PROGRAM [ARG...]
  ring3 --help | --version

Options of run:
  --memory=SIZE   memory of the machine: bytes, or with K, M, G (default: the host's, at most 4G)
  --jit=MODE      compile what runs often to WebAssembly: on (the default), off or eager (everything); also by RING3_JIT
  --deterministic[=SEED]  the same run every time: random numbers from the seed, time by instructions; also by
                  RING3_DETERMINISTIC=SEED
  --profile=FILE  write where the time went: FILE.json for speedscope.app, FILE.pb.gz for pprof
  --stats         at the end, write to standard error what the run took, and where the time went

The program sees the host's files. What it writes stays in memory and is gone at the end.
The exit status is the program's. 126: it cannot be executed, 127: it was not found. A program killed by a signal
kills ring3 by the same signal (a shell shows 128 + its number).
`;
