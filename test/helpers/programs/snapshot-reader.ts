/**
 * A process that opens the snapshot, queries it and closes it again and again, as another program
 * would.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface Reads {
  readonly queries: number;
  readonly failures: readonly string[];
}

/** The reading begins when the file appears. */
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
