// What two traces of the same program need not share: put in one form, so that the rest can be compared.

/** Numbers from here on are taken for addresses. */
const FIRST_ADDRESS = 0x10_0000;
const ADDRESS = /(?<![\w.])0x[0-9a-f]{6,16}\b/g;
const isAddress = (n) => Number(n) >= FIRST_ADDRESS;

/** Line by line, where a pattern says so with its flags. `PRE` stands for what -f -o and -n put in front. */
const rule = (pattern, to) => [
  new RegExp(pattern.source.replace('PRE', '(?:\\d+ +)?(?:\\[ *\\d+\\] )?'), pattern.flags),
  to,
];
const RULES = [
  // Process numbers.
  rule(
    /^(PRE(?:set_tid_address|gettid|getpid|getppid|getpgrp|getpgid|getsid|setsid|clone3?|v?fork|wait4)\(.*\) += )[1-9]\d*$/gm,
    '$1PID',
  ),
  rule(
    /^(PRE(?:kill|tkill|rt_sigqueueinfo|wait4|getpgid|setpgid|pidfd_open|process_vm_readv|process_vm_writev)\()[1-9]\d*/gm,
    '$1PID',
  ),
  rule(/^(PRE(?:tgkill|rt_tgsigqueueinfo|kcmp)\()\d+, \d+/gm, '$1PID, PID'),
  rule(/^(PREwaitid\(P_PID, )\d+/gm, '$1PID'),
  rule(/\bsi_pid=\d+/g, 'si_pid=PID'),
  // Times that a call gives; those that it is given are the program's.
  rule(/^(PRE(?:<\.\.\. )?(?:clock_gettime|gettimeofday|getrusage|wait4|clock_getres|getitimer)\b.*)$/gm, (line) =>
    line.replace(/\b(tv_\w+)=\d+/g, '$1=TIME'),
  ),
  rule(/\bsi_([us])time=\d+/g, 'si_$1time=TIME'),
  rule(/\btms_(\w+)=\d+/g, 'tms_$1=TIME'),
  rule(/^(PRE(?:time|times)\(.*\) += )-?\d+.*$/gm, '$1TIME'),
  rule(/\d\d:\d\d:\d\d/g, 'CLOCK'),
  // Random bytes.
  rule(/^(PREgetrandom\()"[^"]*"(?:\.\.\.)?/gm, '$1RANDOM'),
  // What the kernel says of itself, of memory, free space, processors and the limits it starts programs with.
  rule(/"(Linux \S+) \d[^"]*"\.\.\., \d+\) += \d+/g, '"$1 KERNEL"'),
  rule(/\b(release|version)="[^"]*"/g, '$1=KERNEL'),
  rule(/^(PREsysinfo\().*(\) += 0)$/gm, '$1{...}$2'),
  rule(/\b(f_blocks|f_bfree|f_bavail|f_files|f_ffree)=\d+/g, '$1=N'),
  rule(/f_fsid=\{val=\[\w+, \w+\]\}/g, 'f_fsid=ID'),
  rule(/^(PREsched_getaffinity\(.*)\[[\d ]+\](\) += )\d+$/gm, '$1[CPUS]$2N'),
  rule(/^(PREprlimit64\(.*RLIMIT_(?:NOFILE|NPROC|SIGPENDING|MEMLOCK), .*)\{.*\}(\) += 0)$/gm, '$1LIMIT$2'),
  // Numbers of pipes and sockets.
  rule(/\b(pipe|socket):\[\d+\]/g, '$1:[N]'),
  rule(/ +(= )/g, ' $1'),
];
/** Reads of /proc and of random devices; how often the memory map is read, into how much room, depends on its length. */
function withoutContents(text) {
  const open = new Set();
  return text
    .replace(
      /^((?:\d+ +)?openat\(AT_FDCWD, "\/proc\/self\/maps".*\n)[\s\S]*?\n((?:\d+ +)?close\(\d+\) += 0\n)(?:\d+ +)?munmap\(.*\n/gm,
      '$1$2',
    )
    .split('\n')
    .map((line) => {
      const opened = /^(?:\d+ +)?openat\(AT_FDCWD, "\/(?:proc\/|dev\/u?random).* = (\d+)$/.exec(line);
      if (opened) open.add(opened[1]);
      const closed = /^(?:\d+ +)?close\((\d+)\)/.exec(line);
      if (closed) open.delete(closed[1]);
      const read = /^((?:\d+ +)?read\((\d+), )".*"(?:\.\.\.)?, (\d+)\) += [1-9]\d*$/.exec(line);
      return read && open.has(read[2]) ? `${read[1]}CONTENTS, ${read[3]}) = N` : line;
    })
    .join('\n');
}
/** Where . and .. stand in a directory isn't to be had from Node: ours come first. */
function dotsFirst(text) {
  const lines = text.split('\n');
  const isDot = (l) =>
    /^(?:\d+ +)?(?:statx|lstat|newfstatat|lgetxattr|getxattr)\((?:AT_FDCWD, )?"[^"]*\/\.{1,2}"/.test(l);
  const dots = lines.filter(isDot).sort();
  if (!dots.length) return text;
  const rest = lines.filter((l) => !isDot(l));
  const at = rest.findIndex((l) => /^(?:\d+ +)?getdents64\(/.test(l));
  return [...rest.slice(0, at + 1), ...dots, ...rest.slice(at + 1)].join('\n');
}
/** Process numbers in front of lines, by their first appearance. */
function numbered(text) {
  const pids = [...new Set([...text.matchAll(/^(\d+) +(?=[-+<\w])/gm)].map((m) => m[1]))];
  return text.replace(/^(\d+)( +)(?=[-+<\w])/gm, (_all, pid) => `${pids.indexOf(pid) + 1} `);
}
const shared = (trace) =>
  RULES.reduce((text, [pattern, to]) => text.replace(pattern, to), dotsFirst(withoutContents(numbered(trace))));

/** The trace without what belongs to one run only. */
export const normalise = (trace) => shared(trace).replace(ADDRESS, (n) => (isAddress(n) ? 'ADDRESS' : n));

/**
 * For each line the addresses in it, by their first appearance: the same program maps and reuses the same places in the same order. The stack isn't looked
 * at: where it lies is drawn by lot, down to its alignment.
 */
export function addressPattern(trace) {
  const seen = new Map();
  const top = Number(/^(?:\d+ +)?(?:\[ *\d+\] )?execve\(.*, (0x[0-9a-f]+)(?: \/\*|\))/.exec(trace)?.[1] ?? 0);
  const onStack = (n) => Math.abs(Number(n) - top) < 0x80_0000 || Number(n) >= 0x7ffc_0000_0000;
  return shared(trace)
    .split('\n')
    .map((line) =>
      (line.match(ADDRESS) ?? [])
        .filter((n) => isAddress(n) && !onStack(n))
        .map((n) => {
          if (!seen.has(n)) seen.set(n, seen.size);
          return seen.get(n);
        })
        .join(' '),
    );
}
