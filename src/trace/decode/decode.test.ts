// What decoders write, as strace 6.1 writes it.
import { describe, expect, test } from 'vitest';
import { ECHILD, EINTR, ENOTTY, type Errno } from '../../abi/errno.ts';
import { type FakeTask, Recorder } from '../double.ts';
import { sigsetText } from './signal.ts';

/** A call as it is shown, of a task whose memory `args` fills. */
function shown(
  name: string,
  args: (t: FakeTask) => readonly (number | bigint)[],
  result: number | Errno = 0,
  ...options: readonly string[]
): string {
  const r = new Recorder(['-a', '0', ...options]);
  return r.call(name, args(r.task), result).trimEnd();
}
const bytes = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));
/** 64-bit words in memory. */
const longs = (t: FakeTask, ...words: readonly (number | bigint)[]): number =>
  t.place(new Uint8Array(BigInt64Array.from(words, BigInt).buffer));
/** A struct sockaddr: family, port in network order, the rest. */
const address = (t: FakeTask, family: number, rest: string): number =>
  t.place(bytes(`${String.fromCharCode(family)}\0${rest}`));

describe('files', () => {
  test('opening: a mode only where a file may be made', () => {
    expect(shown('openat', (t) => [-100, t.place('f'), 0, 0o644], 3)).toBe('openat(AT_FDCWD, "f", O_RDONLY) = 3');
    expect(shown('openat', (t) => [-100, t.place('f'), 0o1101, 0o644], 3)).toBe(
      'openat(AT_FDCWD, "f", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 3',
    );
    expect(shown('open', (t) => [t.place('f'), 0o2200000], 3)).toBe('open("f", O_RDONLY|O_CLOEXEC|O_DIRECTORY) = 3');
  });
  test('modes and devices', () => {
    expect(shown('chmod', (t) => [t.place('f'), 0o4755])).toBe('chmod("f", 04755) = 0');
    expect(shown('mknod', (t) => [t.place('f'), 0o20600, 0x103])).toBe(
      'mknod("f", S_IFCHR|0600, makedev(0x1, 0x3)) = 0',
    );
    expect(shown('umask', () => [0o22], 0o77)).toBe('umask(022) = 077');
  });
  test('fcntl: an argument by its command, and what results mean', () => {
    expect(shown('fcntl', () => [0, 1, 77])).toBe('fcntl(0, F_GETFD) = 0');
    expect(shown('fcntl', () => [0, 1, 77], 1)).toBe('fcntl(0, F_GETFD) = 0x1 (flags FD_CLOEXEC)');
    expect(shown('fcntl', () => [0, 3], 0o102002)).toBe(
      'fcntl(0, F_GETFL) = 0x8402 (flags O_RDWR|O_APPEND|O_LARGEFILE)',
    );
    expect(shown('fcntl', () => [0, 4, 0o4000])).toBe('fcntl(0, F_SETFL, O_RDONLY|O_NONBLOCK) = 0');
    expect(shown('fcntl', () => [0, 99, 5])).toBe('fcntl(0, 0x63 /* F_??? */, 0x5) = 0');
  });
  test('vectors, cut at -s', () => {
    const vector = (t: FakeTask): number[] => [1, longs(t, t.place('one'), 3, t.place('two\n'), 4), 2];
    expect(shown('writev', vector, 7)).toBe(
      'writev(1, [{iov_base="one", iov_len=3}, {iov_base="two\\n", iov_len=4}], 2) = 7',
    );
    expect(shown('writev', vector, 7, '-s', '1')).toBe('writev(1, [{iov_base="o"..., iov_len=3}, ...], 2) = 7');
    expect(shown('readv', vector, 4)).toBe('readv(1, [{iov_base="one", iov_len=3}, {iov_base="t", iov_len=4}], 2) = 4');
  });
  test('strings, cut at -s; names, never', () => {
    const long = 'x'.repeat(40);
    expect(shown('write', (t) => [1, t.place(long), 40], 40)).toBe(`write(1, "${'x'.repeat(32)}"..., 40) = 40`);
    expect(shown('chdir', (t) => [t.place(long)])).toBe(`chdir("${long}") = 0`);
    expect(shown('chdir', () => [1])).toBe('chdir(0x1) = 0');
  });
  test('entries of a directory', () => {
    const entry = (t: FakeTask): number[] => [
      3,
      t.place(bytes(`\x05${'\0'.repeat(7)}\x09${'\0'.repeat(7)}\x18\0\x08f${'\0'.repeat(4)}`)),
      512,
    ];
    expect(shown('getdents64', entry, 24)).toMatch(/^getdents64\(3, 0x\w+ \/\* 1 entries \*\/, 512\) = 24$/);
    expect(shown('getdents64', entry, 24, '-v')).toBe(
      'getdents64(3, [{d_ino=5, d_off=9, d_reclen=24, d_type=DT_REG, d_name="f"}], 512) = 24',
    );
  });
});

describe('descriptors that are waited for', () => {
  test('poll', () => {
    const two = (t: FakeTask): number[] => [t.words(13, 0x0001, 12, 0x0004_0004), 2, 10];
    expect(shown('poll', two, 1)).toBe(
      'poll([{fd=13, events=POLLIN}, {fd=12, events=POLLOUT}], 2, 10) = 1 ([{fd=12, revents=POLLOUT}])',
    );
    expect(shown('poll', two, 0)).toBe('poll([{fd=13, events=POLLIN}, {fd=12, events=POLLOUT}], 2, 10) = 0 (Timeout)');
  });
  test('select', () => {
    const set = (t: FakeTask): number[] => [14, longs(t, 1 << 13), 0, 0, longs(t, 1, 5)];
    expect(shown('select', set, 0)).toBe('select(14, [13], NULL, NULL, {tv_sec=1, tv_usec=5}) = 0 (Timeout)');
    expect(shown('select', set, 1)).toBe(
      'select(14, [13], NULL, NULL, {tv_sec=1, tv_usec=5}) = 1 (in [13], left {tv_sec=1, tv_usec=5})',
    );
  });
  test('epoll', () => {
    const event = (t: FakeTask): number => t.place(bytes('\x01\0\0\x80\x07\0\0\0\0\0\0\0'));
    expect(shown('epoll_ctl', (t) => [5, 1, 6, event(t)])).toBe(
      'epoll_ctl(5, EPOLL_CTL_ADD, 6, {events=EPOLLIN|EPOLLET, data={u32=7, u64=7}}) = 0',
    );
    expect(shown('epoll_wait', (t) => [5, event(t), 1, -1], 1)).toBe(
      'epoll_wait(5, [{events=EPOLLIN|EPOLLET, data={u32=7, u64=7}}], 1, -1) = 1',
    );
    expect(shown('epoll_wait', (t) => [5, event(t), 1, 0], 0)).toBe('epoll_wait(5, [], 1, 0) = 0');
  });
});

describe('memory', () => {
  test('mapping', () => {
    expect(shown('mmap', () => [0, 4096, 7, 0x22, -1, 0x2000], 0x7f84fb5d6000)).toBe(
      'mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0x2000) = 0x7f84fb5d6000',
    );
    expect(shown('mprotect', () => [0x7f0000001000, 4096, 0])).toBe('mprotect(0x7f0000001000, 4096, PROT_NONE) = 0');
    expect(shown('brk', () => [0], 0x555555560000)).toBe('brk(NULL) = 0x555555560000');
    expect(shown('madvise', () => [0x1000, 8192, 4])).toBe('madvise(0x1000, 8192, MADV_DONTNEED) = 0');
  });
  test('futexes', () => {
    expect(shown('futex', () => [0x10000, 129, 1])).toBe('futex(0x10000, FUTEX_WAKE_PRIVATE, 1) = 0');
    expect(shown('futex', (t) => [0x10000, 0, 5, longs(t, 0, 1000)])).toBe(
      'futex(0x10000, FUTEX_WAIT, 5, {tv_sec=0, tv_nsec=1000}) = 0',
    );
    expect(shown('futex', () => [0x10000, 137, 1, 0, 0, -1])).toBe(
      'futex(0x10000, FUTEX_WAIT_BITSET_PRIVATE, 1, NULL, FUTEX_BITSET_MATCH_ANY) = 0',
    );
  });
});

describe('tasks', () => {
  test('programs', () => {
    const start = (t: FakeTask): number[] => [
      t.place('/bin/p'),
      longs(t, t.place('p'), t.place('x y'), 0),
      longs(t, t.place('A=1'), 0),
    ];
    expect(shown('execve', start)).toMatch(/^execve\("\/bin\/p", \["p", "x y"\], 0x\w+ \/\* 1 var \*\/\) = 0$/);
    expect(shown('execve', start, 0, '-v')).toBe('execve("/bin/p", ["p", "x y"], ["A=1"]) = 0');
  });
  test("waiting: how the child's end reads", () => {
    const ended = (status: number): string => shown('wait4', (t) => [-1, t.words(status), 0, 0], 7);
    expect(ended(0x700)).toBe('wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 7');
    expect(ended(9)).toBe('wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 7');
    expect(ended(0x8b)).toBe('wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL) = 7');
    expect(ended(0x137f)).toBe('wait4(-1, [{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}], 0, NULL) = 7');
    expect(ended(0xffff)).toBe('wait4(-1, [{WIFCONTINUED(s)}], 0, NULL) = 7');
    expect(shown('wait4', () => [-1, 0x10000, 3, 0], ECHILD)).toBe(
      'wait4(-1, 0x10000, WNOHANG|WSTOPPED, NULL) = -1 ECHILD (No child processes)',
    );
  });
  test('clone', () => {
    expect(shown('clone', () => [0x1200011, 0, 0, 0x10000, 0], 7)).toBe(
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x10000) = 7',
    );
  });
  test('limits', () => {
    expect(shown('prlimit64', (t) => [0, 7, longs(t, 1024, -1), 0])).toBe(
      'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=RLIM64_INFINITY}, NULL) = 0',
    );
    expect(shown('setrlimit', (t) => [3, longs(t, 8192 * 1024, -1)])).toBe(
      'setrlimit(RLIMIT_STACK, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0',
    );
  });
  test('prctl and arch_prctl', () => {
    expect(shown('prctl', (t) => [15, t.place('gold')])).toBe('prctl(PR_SET_NAME, "gold") = 0');
    expect(shown('arch_prctl', (t) => [0x1003, longs(t, 0x7f84fb5d2b80)])).toBe(
      'arch_prctl(ARCH_GET_FS, [0x7f84fb5d2b80]) = 0',
    );
    expect(shown('arch_prctl', () => [0x1002, 0x7f84fb5d2b80])).toBe('arch_prctl(ARCH_SET_FS, 0x7f84fb5d2b80) = 0');
  });
});

describe('signals', () => {
  test.each([
    [0, 0, '[]'],
    [0x201, 0, '[HUP USR1]'],
    [0x200, 2, '[USR1 RT_2]'],
    [0xffffffff, 0xffffffff, '~[]'],
    [0x7ffbfeff, 0xffffffff, '~[KILL STOP RTMIN]'],
    [0xffffffff, 0xfffffffc, '~[RT_1 RT_2]'],
  ])('a set: %i, %i', (lo, hi, text) => expect(sigsetText(lo, hi)).toBe(text));
  test('dispositions', () => {
    const action = (t: FakeTask): number[] => [10, longs(t, 1, 0x14000000, 0x7f00, 0x201), 0, 8];
    expect(shown('rt_sigaction', action)).toBe(
      'rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[HUP USR1], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7f00}, NULL, 8) = 0',
    );
    expect(shown('rt_sigprocmask', (t) => [0, longs(t, 0x201), 0, 8])).toBe(
      'rt_sigprocmask(SIG_BLOCK, [HUP USR1], NULL, 8) = 0',
    );
    expect(shown('kill', () => [1, 0])).toBe('kill(1, 0) = 0');
    expect(shown('tgkill', () => [1, 2, 34])).toBe('tgkill(1, 2, SIGRT_2) = 0');
  });
  const came = (info: Parameters<NonNullable<Recorder['strace']['signal']>>[1]): string => {
    const r = new Recorder();
    r.call('getpid', [], 1);
    r.strace.signal?.(r.task.thread, info);
    return r.take().trimEnd();
  };
  test('what came with one', () => {
    expect(came({ signo: 17, code: 1, pid: 7, uid: 0, status: 3, utime: 1, stime: 2 })).toBe(
      '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7, si_uid=0, si_status=3, si_utime=1, si_stime=2} ---',
    );
    expect(came({ signo: 17, code: 2, pid: 7, uid: 0, status: 9 })).toMatch('si_status=SIGKILL');
    expect(came({ signo: 11, code: 1, addr: 0n })).toBe(
      '--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---',
    );
    expect(came({ signo: 10, code: -6, pid: 7, uid: 0 })).toBe(
      '--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=7, si_uid=0} ---',
    );
    expect(came({ signo: 14, code: 0x80 })).toBe('--- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---');
    expect(came({ signo: 10, code: -1, pid: 7, uid: 0, value: 0x100000005n })).toBe(
      '--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=7, si_uid=0, si_int=5, si_ptr=0x100000005} ---',
    );
  });
});

describe('time', () => {
  test('clocks', () => {
    expect(shown('clock_gettime', (t) => [1, longs(t, 5, 6)])).toBe(
      'clock_gettime(CLOCK_MONOTONIC, {tv_sec=5, tv_nsec=6}) = 0',
    );
    expect(shown('clock_gettime', () => [0x4d, 0x10000], ENOTTY)).toMatch(
      'clock_gettime(0x4d /* CLOCK_??? */, 0x10000)',
    );
  });
  test('what is left of a sleep, when it was interrupted', () => {
    const sleep = (t: FakeTask): number[] => [longs(t, 5, 0), longs(t, 2, 3)];
    expect(shown('nanosleep', sleep)).toMatch(/^nanosleep\(\{tv_sec=5, tv_nsec=0\}, 0x\w+\) = 0$/);
    expect(shown('nanosleep', sleep, EINTR)).toMatch('{tv_sec=5, tv_nsec=0}, {tv_sec=2, tv_nsec=3}) = -1 EINTR');
  });
});

describe('sockets', () => {
  test('addresses', () => {
    const bind = (family: number, rest: string): string =>
      shown('bind', (t) => [3, address(t, family, rest), rest.length + 2]).replace(/^bind\(3, (.*), \d+\) = 0$/, '$1');
    expect(bind(2, '\0P\x7f\0\0\x01\0\0\0\0\0\0\0\0')).toBe(
      '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}',
    );
    expect(bind(10, `\0P\0\0\0\x05${'\0'.repeat(15)}\x01\x02\0\0\0`)).toBe(
      '{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(5), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=2}',
    );
    expect(bind(1, '/a.sock\0')).toBe('{sa_family=AF_UNIX, sun_path="/a.sock"}');
    expect(bind(1, '\0ab')).toBe('{sa_family=AF_UNIX, sun_path=@"ab"}');
  });
  test('types and protocols', () => {
    expect(shown('socket', () => [2, 0o2000001, 0], 3)).toBe(
      'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3',
    );
    expect(shown('socket', () => [1, 2, 0], 3)).toBe('socket(AF_UNIX, SOCK_DGRAM, 0) = 3');
    expect(shown('setsockopt', (t) => [3, 1, 2, t.words(1), 4])).toBe(
      'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
    );
    expect(shown('shutdown', () => [3, 1])).toBe('shutdown(3, SHUT_WR) = 0');
  });
  test('messages', () => {
    const message = (t: FakeTask): number => longs(t, 0, 0, longs(t, t.place('hi'), 2), 1, 0, 0, 0);
    expect(shown('sendmsg', (t) => [3, message(t), 0x4000], 2)).toBe(
      'sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="hi", iov_len=2}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, MSG_NOSIGNAL) = 2',
    );
  });
});

describe('ioctl', () => {
  test('requests by name, or taken apart', () => {
    expect(shown('ioctl', () => [0, 0x5401, 0x10000], ENOTTY)).toBe(
      'ioctl(0, TCGETS, 0x10000) = -1 ENOTTY (Inappropriate ioctl for device)',
    );
    expect(shown('ioctl', () => [0, 0x1234567, 5])).toBe('ioctl(0, _IOC(_IOC_NONE, 0x45, 0x67, 0x123), 0x5) = 0');
    expect(shown('ioctl', (t) => [0, 0x541b, t.words(7)])).toBe('ioctl(0, FIONREAD, [7]) = 0');
    expect(shown('ioctl', (t) => [0, 0x5413, t.place(bytes('\x18\0\x50\0\0\0\0\0'))])).toBe(
      'ioctl(0, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0',
    );
  });
});
