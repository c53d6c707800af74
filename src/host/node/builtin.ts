// Node's modules that most programs need nothing of: loaded when they are used, since each would be a good part of a short program's start.
type Lazy = {
  'node:child_process': typeof import('node:child_process');
  'node:crypto': typeof import('node:crypto');
  'node:module': typeof import('node:module');
  'node:net': typeof import('node:net');
  'node:tty': typeof import('node:tty');
  'node:v8': typeof import('node:v8');
};

/** One of them. */
export function builtin<K extends keyof Lazy>(name: K): Lazy[K] {
  return process.getBuiltinModule(name) as Lazy[K];
}
