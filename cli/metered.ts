// A host whose own time is measured.
import type { Activity, Meter } from '../src/cpu/meter.ts';
import type { Host } from '../src/host/host.ts';

/** The same object; time in its methods, and in those of objects they give, is the activity's. */
function metered<T extends object>(of: T, meter: Meter, activity: Activity): T {
  const wrappers = new Map<unknown, unknown>();
  const wrap = (method: (...args: unknown[]) => unknown): unknown => {
    const known = wrappers.get(method);
    if (known) return known;
    const wrapper = (...args: unknown[]): unknown => {
      const before = meter.begin(activity);
      try {
        const result: unknown = Reflect.apply(method, of, args);
        return result instanceof Object && 'pread' in result ? metered(result, meter, activity) : result;
      } finally {
        meter.begin(before);
      }
    };
    wrappers.set(method, wrapper);
    return wrapper;
  };
  return new Proxy(of, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? wrap(value as (...args: unknown[]) => unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

/** The host as it is, with its files, standard streams and waiting measured. */
export function meteredHost(host: Host, meter: Meter): Host {
  const files = host.files && metered(host.files, meter, 'host');
  const [input, output, error] = host.stdio.map((s) => metered(s, meter, 'host')) as [
    Host['stdio'][0],
    Host['stdio'][1],
    Host['stdio'][2],
  ];
  return new Proxy(host, {
    get: (target, name) => {
      if (name === 'files') return files;
      if (name === 'stdio') return [input, output, error];
      if (name === 'idle')
        return async (deadline: bigint | undefined) => {
          const before = meter.begin('idle');
          await target.idle(deadline);
          meter.begin(before);
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
}
