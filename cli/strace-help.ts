// What `ring3 strace -h` and `-V` print.
import { VERSION } from './help.ts';

/** Behind strace's own version line, for scripts that ask which options there are. */
export const STRACE_VERSION = `strace -- version 6.1\nas told by ${VERSION}\n`;
export const STRACE_HELP = `Usage: ring3 strace [OPTION...] [--] PROGRAM [ARG...]
Runs a program and writes its system calls and signals to standard error, as strace does.

What is traced:
  -f, --follow-forks          new tasks too;  -ff: each into a file of its own, FILE.PID
  -e trace=SET, --trace=SET   these calls: names, numbers, /regex, %file %desc %process %network %signal %memory
                              %ipc %creds %clock %pure %stat %lstat %fstat %%stat %statfs %fstatfs %%statfs,
                              all, none; ?NAME may be absent, ! in front inverts
  -P PATH, --trace-path=PATH  calls that touch this path
  -e signal=SET               these signals
  -e status=SET, -z, -Z       calls by their end: successful, failed, unfinished;  -z successful, -Z failed
  -b execve                   leave a task when it executes another program

Where it goes:
  -o FILE, --output=FILE      into a file; '|COMMAND' or '!COMMAND': into a command;  -A: append

How it looks:
  -t -tt -ttt                 time of day, with microseconds, as seconds since 1970
  -r[--relative-timestamps]   time since the line before;  -T: time spent in each call
  -i  -n                      instruction pointer, number of the call
  -N, --arg-names             names of arguments
  -y  -yy                     paths of descriptors, and devices;  -Y: names of tasks
  -s N, --string-limit=N      cut strings at N bytes (32);  -x -xx: strings in hexadecimal
  -v, -e abbrev=SET           structures in full;  -e raw=SET: arguments as numbers
  -e verbose=SET              follow pointers of these calls only
  -X raw|abbrev|verbose       constants as numbers, names, or both
  -a N, --columns=N           column of results (40)
  -e read=FDS, -e write=FDS   dump what is read and written
  -q -qq -qqq, -e quiet=SET   leave messages out: attach, exit, path-resolution, personality, thread-execve

Counting:
  -c, -C                      a table of calls instead of the trace, besides it
  -w                          by the clock on the wall
  -S KEY, -U COLUMNS          sort by, show: time-percent total-time min-time max-time avg-time calls errors name

  -E NAME=VALUE, -E NAME      set or remove a variable of the program's environment
  -h, -V                      this text, the version
`;
