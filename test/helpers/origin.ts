/** The demo's origin, misbehaviour and all, as a process of its own, with a log of every request. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

export interface Origin {
  readonly port: number;
  /** The id of every request so far, in order. */
  requests(): readonly string[];
  stop(): Promise<void>;
}

export async function startOrigin(folder: string): Promise<Origin> {
  const log = path.join(folder, 'origin.log');
  const script = path.join(__dirname, '../../dist/demo/origin-process.js');
  const child: ChildProcess = fork(script, ['0', log]);
  const [message] = (await once(child, 'message')) as [{ port: number }];
  return {
    port: message.port,
    requests: () => fs.readFileSync(log, 'utf8').split('\n').slice(0, -1).map(idOf),
    stop: async () => {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

function idOf(request: string): string {
  return decodeURIComponent(/^\/thumbs\/(.*)\.jpg$/.exec(request)?.[1] ?? request);
}
