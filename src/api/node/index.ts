// The package in Node: programs run in a worker thread. The same as in a page, but for where the package's files come from.
import { Worker } from 'node:worker_threads';
import { WorkerMachine } from '../machine.ts';
import type { FromWorker, WorkerPort } from '../messages.ts';
import type { MachineOptions } from '../types.ts';

export type { FileEntry, Files } from '../../host/browser/files.ts';
export { readTar } from '../../host/browser/tar.ts';
export type { Ended, Input, MachineOptions, Outcome, RunOptions, TerminalSize } from '../types.ts';

function openWorker(): WorkerPort {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { name: 'ring3' });
  // A machine that nobody runs anything on ends with the program that made it.
  worker.unref();
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen: (hear) => worker.on('message', (m: FromWorker) => hear(m)),
    onFailure: (hear) => worker.on('error', (e) => hear(e.message)),
    busy: (yes) => (yes ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

/** A machine with files of its own, on which programs are run. */
export class Machine extends WorkerMachine {
  constructor(options: MachineOptions = {}) {
    super(openWorker(), options);
  }
}
