// table
// Calls that aren't there, each with the reason: they answer -ENOSYS, as on a kernel built without them.
import {
  addr,
  cstring,
  dirfd,
  fd,
  hexlong,
  int,
  long,
  path,
  perms,
  pid,
  size,
  type Type,
  u64,
  uint,
  ulong,
} from '../../abi/type.ts';
import { type Syscall, type SyscallClass, syscall } from '../syscall.ts';

const OLD = 'gone from Linux itself, or never there on x86-64';
const MQ = 'POSIX message queues are not there yet';
const AIO = "the kernel's asynchronous I/O is not there; the C library's works without";
const URING = 'not there; programs fall back to other calls';
const NUMA = 'one memory node, no policy';
const KEYS = 'no key retention';
const MODULES = 'no loadable modules';
const DEVICES = 'no hardware to reach';
const HOST = "the host's business";
const SEGMENTS = '32-bit segments come with 32-bit programs';
const PTRACE = 'not there yet';
const PERF = 'no performance counters';
const BPF = 'no programs in the kernel';
const FANOTIFY = 'not there';
const SECCOMP = 'not there yet';
const LANDLOCK = 'not there';
const UFFD = 'not there';
const SECRET = 'not there';
const REAP = 'memory goes when its program goes';
const NOTHING = 'no terminal to hang up';

const hex = { ...int, show: 'hex' } as const;
type Row = readonly [
  name: string,
  x64: number,
  i386: number | undefined,
  of: SyscallClass,
  why: string,
  args: Readonly<Record<string, Type>>,
];
const ROWS: readonly Row[] = [
  ['mq_open', 240, 277, 'ipc', MQ, { name: cstring, oflag: hex, mode: perms, attr: addr }],
  ['mq_unlink', 241, 278, 'ipc', MQ, { name: cstring }],
  ['mq_timedsend', 242, 279, 'ipc', MQ, { mqdes: fd, msg_ptr: addr, msg_len: size, msg_prio: uint, abs_timeout: addr }],
  [
    'mq_timedreceive',
    243,
    280,
    'ipc',
    MQ,
    { mqdes: fd, msg_ptr: addr, msg_len: size, msg_prio: addr, abs_timeout: addr },
  ],
  ['mq_notify', 244, 281, 'ipc', MQ, { mqdes: fd, sevp: addr }],
  ['mq_getsetattr', 245, 282, 'ipc', MQ, { mqdes: fd, newattr: addr, oldattr: addr }],
  ['ptrace', 101, 26, 'trace', PTRACE, { request: long, pid, addr, data: addr }],
  ['uselib', 134, 86, 'file.open', OLD, { library: path }],
  ['sysfs', 139, 135, 'info', OLD, { option: int, arg1: hexlong, arg2: hexlong }],
  ['vhangup', 153, 111, 'device', NOTHING, {}],
  ['modify_ldt', 154, 123, 'memory', SEGMENTS, { func: int, ptr: addr, bytecount: ulong }],
  ['set_thread_area', 205, 243, 'memory', SEGMENTS, { u_info: addr }],
  ['get_thread_area', 211, 244, 'memory', SEGMENTS, { u_info: addr }],
  ['_sysctl', 156, 149, 'info', OLD, { args: addr }],
  ['acct', 163, 51, 'info', HOST, { filename: path }],
  ['swapon', 167, 87, 'memory', HOST, { path, swapflags: hex }],
  ['swapoff', 168, 115, 'memory', HOST, { path }],
  ['iopl', 172, 110, 'device', DEVICES, { level: int }],
  ['ioperm', 173, 101, 'device', DEVICES, { from: ulong, num: ulong, turn_on: int }],
  ['create_module', 174, 127, 'module', OLD, { name: cstring, size }],
  ['init_module', 175, 128, 'module', MODULES, { module_image: addr, len: ulong, param_values: cstring }],
  ['finit_module', 313, 350, 'module', MODULES, { fd, param_values: cstring, flags: hex }],
  ['delete_module', 176, 129, 'module', MODULES, { name: cstring, flags: hex }],
  ['get_kernel_syms', 177, 130, 'module', OLD, { table: addr }],
  ['query_module', 178, 167, 'module', OLD, { name: cstring, which: int, buf: addr, bufsize: size, ret: addr }],
  ['kexec_load', 246, 283, 'process', HOST, { entry: ulong, nr_segments: ulong, segments: addr, flags: hexlong }],
  [
    'kexec_file_load',
    320,
    undefined,
    'process',
    HOST,
    { kernel_fd: fd, initrd_fd: fd, cmdline_len: ulong, cmdline: cstring, flags: hexlong },
  ],
  ['nfsservctl', 180, 169, 'net', OLD, { cmd: int, argp: addr, resp: addr }],
  ['getpmsg', 181, 188, 'net', OLD, {}],
  ['putpmsg', 182, 189, 'net', OLD, {}],
  ['afs_syscall', 183, 137, 'file.open', OLD, {}],
  ['tuxcall', 184, undefined, 'net', OLD, {}],
  ['security', 185, undefined, 'security', OLD, {}],
  ['vserver', 236, 273, 'process', OLD, {}],
  ['lookup_dcookie', 212, 253, 'info', OLD, { cookie: u64, buffer: addr, size }],
  ['epoll_ctl_old', 214, undefined, 'poll', OLD, {}],
  ['epoll_wait_old', 215, undefined, 'poll', OLD, {}],
  ['io_setup', 206, 245, 'file.read', AIO, { nr_events: uint, ctx_idp: addr }],
  ['io_destroy', 207, 246, 'file.read', AIO, { ctx_id: addr }],
  ['io_getevents', 208, 247, 'file.read', AIO, { ctx_id: addr, min_nr: long, nr: long, events: addr, timeout: addr }],
  [
    'io_pgetevents',
    333,
    385,
    'file.read',
    AIO,
    { ctx_id: addr, min_nr: long, nr: long, events: addr, timeout: addr, usig: addr },
  ],
  ['io_submit', 209, 248, 'file.read', AIO, { ctx_id: addr, nr: long, iocbpp: addr }],
  ['io_cancel', 210, 249, 'file.read', AIO, { ctx_id: addr, iocb: addr, result: addr }],
  ['io_uring_setup', 425, 425, 'file.read', URING, { entries: uint, params: addr }],
  [
    'io_uring_enter',
    426,
    426,
    'file.read',
    URING,
    { fd, to_submit: uint, min_complete: uint, flags: hex, sig: addr, sigsz: size },
  ],
  ['io_uring_register', 427, 427, 'file.read', URING, { fd, opcode: uint, arg: addr, nr_args: uint }],
  ['mbind', 237, 274, 'memory', NUMA, { addr, len: ulong, mode: int, nodemask: addr, maxnode: ulong, flags: hex }],
  ['set_mempolicy', 238, 276, 'memory', NUMA, { mode: int, nodemask: addr, maxnode: ulong }],
  ['get_mempolicy', 239, 275, 'memory', NUMA, { mode: addr, nodemask: addr, maxnode: ulong, addr, flags: hexlong }],
  ['set_mempolicy_home_node', 450, 450, 'memory', NUMA, { start: addr, len: ulong, home_node: ulong, flags: hexlong }],
  ['migrate_pages', 256, 294, 'memory', NUMA, { pid, maxnode: ulong, old_nodes: addr, new_nodes: addr }],
  ['move_pages', 279, 317, 'memory', NUMA, { pid, count: ulong, pages: addr, nodes: addr, status: addr, flags: hex }],
  [
    'add_key',
    248,
    286,
    'security',
    KEYS,
    { type: cstring, description: cstring, payload: addr, plen: size, keyring: int },
  ],
  [
    'request_key',
    249,
    287,
    'security',
    KEYS,
    { type: cstring, description: cstring, callout_info: cstring, dest_keyring: int },
  ],
  ['keyctl', 250, 288, 'security', KEYS, { option: int, arg2: hexlong, arg3: hexlong, arg4: hexlong, arg5: hexlong }],
  ['perf_event_open', 298, 336, 'trace', PERF, { attr: addr, pid, cpu: int, group_fd: fd, flags: hexlong }],
  ['bpf', 321, 357, 'trace', BPF, { cmd: int, attr: addr, size: uint }],
  ['fanotify_init', 300, 338, 'file.fd', FANOTIFY, { flags: hex, event_f_flags: hex }],
  ['fanotify_mark', 301, 339, 'file.fd', FANOTIFY, { fanotify_fd: fd, flags: hex, mask: u64, dirfd, pathname: path }],
  ['seccomp', 317, 354, 'security', SECCOMP, { operation: uint, flags: hex, args: addr }],
  ['landlock_create_ruleset', 444, 444, 'security', LANDLOCK, { attr: addr, size, flags: hex }],
  [
    'landlock_add_rule',
    445,
    445,
    'security',
    LANDLOCK,
    { ruleset_fd: fd, rule_type: int, rule_attr: addr, flags: hex },
  ],
  ['landlock_restrict_self', 446, 446, 'security', LANDLOCK, { ruleset_fd: fd, flags: hex }],
  ['userfaultfd', 323, 374, 'memory', UFFD, { flags: hex }],
  ['memfd_secret', 447, 447, 'memory', SECRET, { flags: hex }],
  ['process_mrelease', 448, 448, 'process', REAP, { pidfd: fd, flags: hex }],
];
export const absentCalls: readonly Syscall[] = ROWS.map(([name, x64, i386, of, absent, args]) =>
  syscall({ name, nr: i386 === undefined ? { x64 } : { x64, i386 }, class: of, args, absent }),
);
