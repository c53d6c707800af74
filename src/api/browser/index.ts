// The package in a page, imported as ring3/browser. Programs run in a worker of the package's own; the files beside this one are fetched
// from where it lies, when they are needed.
import { WorkerMachine } from '../machine.ts';
import type { FromWorker, WorkerPort } from '../messages.ts';
import type { MachineOptions } from '../types.ts';

export type { FileEntry, Files } from '../../host/browser/files.ts';
export { readTar } from '../../host/browser/tar.ts';
export type { Ended, Input, MachineOptions, Outcome, RunOptions, TerminalSize } from '../types.ts';

function openWorker(): WorkerPort {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'ring3' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen: (hear) => worker.addEventListener('message', (e: MessageEvent<FromWorker>) => hear(e.data)),
    onFailure: (hear) =>
      worker.addEventListener('error', (e) =>
        hear(e.message ?? `${new URL('./worker.js', import.meta.url)} was not loaded`),
      ),
    terminate: () => worker.terminate(),
  };
}

/** A machine with files of its own, on which programs are run. */
export class Machine extends WorkerMachine {
  constructor(options: MachineOptions = {}) {
    super(openWorker(), options);
  }
}
