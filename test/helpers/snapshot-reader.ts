/** A process of somebody else that opens the snapshot, asks, and closes it, again and again. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface Reads {
  readonly queries: number;
  readonly failures: readonly string[];
}

/** It begins when the file appears. */
export function startReader(file: string): { stop(): Promise<Reads> } {
  const child = fork(path.join(__dirname, 'snapshot-reader-process.mjs'), [file]);
  return {
    stop: async () => {
      child.send('stop');
      const [reads] = (await once(child, 'message')) as [Reads];
      await once(child, 'exit');
      return reads;
    },
  };
}
