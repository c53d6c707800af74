// All decoders, by name. A topic is a file; adding one adds a line here.
import type { CallDecoder, Decoder, Decoders, Show, StructureDecoder } from '../shape.ts';
import { capability } from './capability.ts';
import { file } from './file.ts';
import { networkInterface } from './interface.ts';
import { io } from './io.ts';
import { ioctl } from './ioctl.ts';
import { ipc } from './ipc.ts';
import { memory } from './memory.ts';
import { net } from './net.ts';
import { prctl } from './prctl.ts';
import { process } from './process.ts';
import { scheduling } from './scheduling.ts';
import { signal } from './signal.ts';
import { time } from './time.ts';

const topics: readonly Decoders[] = [
  capability,
  file,
  io,
  ioctl,
  ipc,
  memory,
  net,
  networkInterface,
  prctl,
  process,
  scheduling,
  signal,
  time,
];
const join = <T>(
  part: (d: Decoders) => Readonly<Record<string, T>> | undefined,
): Readonly<Record<string, T | undefined>> => Object.assign(Object.create(null), ...topics.map((d) => part(d) ?? {}));

export const calls = join<CallDecoder>((d) => d.calls);
export const decoders = join<Decoder>((d) => d.decoders);
export const integers = join<Show>((d) => d.integers);
export const structures = join<StructureDecoder>((d) => d.structures);
