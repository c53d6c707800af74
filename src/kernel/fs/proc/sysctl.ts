// /proc/sys: the kernel's settings, with Linux's defaults. Those that mean something here can be written.

import { CAP_SYS_ADMIN } from '../../../abi/capability.ts';
import { EINVAL, EPERM, type Errno } from '../../../abi/errno.ts';
import * as I from '../../../abi/info.ts';
import type { Kernel } from '../../kernel.ts';
import { MAX_MAP_COUNT } from '../../mm/address-space.ts';
import { Directory, type ProcFs, Text } from './nodes.ts';

type Setting = string | number | (() => string) | Text | Tree;
interface Tree {
  readonly [name: string]: Setting;
}
const LAST_CAPABILITY = 40;
const NAME_MAX = 64;

export function sysctlTree(fs: ProcFs, kernel: Kernel): Directory {
  const uuid = (): string => {
    const b = new Uint8Array(16);
    kernel.random(b);
    b[6] = ((b[6] as number) & 15) | 0x40;
    b[8] = ((b[8] as number) & 63) | 0x80;
    const h = [...b].map((x) => x.toString(16).padStart(2, '0')).join('');
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
  };
  const bootId = uuid();
  const named = (get: () => string, set: (s: string) => void): Text =>
    new Text(fs, () => `${get()}\n`, {
      mode: 0o644,
      write(task, text): number | Errno {
        if (!task.capable(CAP_SYS_ADMIN)) return EPERM;
        const name = text.replace(/[\n\0].*$/s, '');
        if (name.length > NAME_MAX) return EINVAL;
        set(name);
        return text.length;
      },
    });
  const tree: Tree = {
    abi: { vsyscall32: 1 },
    debug: { 'exception-trace': 1 },
    fs: {
      'aio-max-nr': 65536,
      'aio-nr': 0,
      'dentry-state': '0\t0\t45\t0\t0\t0',
      epoll: { max_user_watches: 5053456 },
      'file-max': '9223372036854775807',
      'file-nr': () => {
        let n = 0;
        for (const p of kernel.processes.values()) for (const _ of p.leader?.files.entries() ?? []) n++;
        return `${n}\t0\t9223372036854775807`;
      },
      'inode-nr': '1000\t0',
      inotify: { max_queued_events: 16384, max_user_instances: 128, max_user_watches: 184566 },
      'lease-break-time': 45,
      'leases-enable': 0,
      mqueue: { msg_default: 10, msg_max: 10, msgsize_default: 8192, msgsize_max: 8192, queues_max: 256 },
      nr_open: 1048576,
      overflowgid: 65534,
      overflowuid: 65534,
      'pipe-max-size': 1048576,
      'pipe-user-pages-hard': 0,
      'pipe-user-pages-soft': 16384,
      protected_fifos: 0,
      protected_hardlinks: 1,
      protected_regular: 0,
      protected_symlinks: 0,
      suid_dumpable: 0,
    },
    kernel: {
      cap_last_cap: LAST_CAPABILITY,
      core_pattern: 'core',
      core_uses_pid: 0,
      domainname: named(
        () => kernel.domainname,
        (s) => {
          kernel.domainname = s;
        },
      ),
      hostname: named(
        () => kernel.hostname,
        (s) => {
          kernel.hostname = s;
        },
      ),
      io_uring_disabled: 2,
      kptr_restrict: 0,
      msgmax: 8192,
      msgmnb: 16384,
      msgmni: 32000,
      ngroups_max: 65536,
      osrelease: I.RELEASE,
      ostype: I.SYSNAME,
      overflowgid: 65534,
      overflowuid: 65534,
      panic: 0,
      perf_event_paranoid: 2,
      pid_max: 4194304,
      printk: '7\t4\t1\t7',
      pty: { max: 4096, nr: 0, reserve: 1024 },
      random: { boot_id: bootId, entropy_avail: 256, poolsize: 256, uuid },
      randomize_va_space: 2,
      sched_rr_timeslice_ms: 100,
      sched_rt_period_us: 1000000,
      sched_rt_runtime_us: 950000,
      sem: '32000\t1024000000\t500\t32000',
      shmall: '18446744073692774399',
      shmmax: '18446744073692774399',
      shmmni: 4096,
      tainted: 0,
      'threads-max': 191814,
      unprivileged_bpf_disabled: 2,
      version: I.VERSION,
    },
    net: {
      core: {
        netdev_max_backlog: 1000,
        rmem_default: 212992,
        rmem_max: 212992,
        somaxconn: 4096,
        wmem_default: 212992,
        wmem_max: 212992,
      },
      ipv4: {
        ip_forward: 0,
        ip_local_port_range: '32768\t60999',
        ip_unprivileged_port_start: 1024,
        tcp_fin_timeout: 60,
        tcp_keepalive_intvl: 75,
        tcp_keepalive_probes: 9,
        tcp_keepalive_time: 7200,
        tcp_max_syn_backlog: 512,
        tcp_rmem: '4096\t131072\t6291456',
        tcp_wmem: '4096\t16384\t4194304',
      },
      ipv6: { bindv6only: 0 },
      unix: { max_dgram_qlen: 10 },
    },
    vm: {
      drop_caches: 0,
      max_map_count: MAX_MAP_COUNT,
      mmap_min_addr: 65536,
      nr_hugepages: 0,
      overcommit_kbytes: 0,
      overcommit_memory: 0,
      overcommit_ratio: 50,
      'page-cluster': 3,
      swappiness: 60,
    },
  };
  const make = (t: Tree): Directory =>
    new Directory(
      fs,
      Object.fromEntries(
        Object.entries(t).map(([name, s]) => {
          if (s instanceof Text) return [name, s];
          if (typeof s === 'object') return [name, make(s)];
          return [name, new Text(fs, typeof s === 'function' ? () => `${s()}\n` : () => `${s}\n`)];
        }),
      ),
      { nlink: 1 },
    );
  return make(tree);
}
