/**
 * The demo's origin with its faults, as a process of its own, and the log of its requests
 * (origin-process.cjs).
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../../..');

export interface Origin {
  readonly port: number;
  /** The ids of all requests so far, in order. */
  requests(): readonly string[];
  stop(): Promise<void>;
}

export async function startOrigin(folder: string): Promise<Origin> {
  const log = path.join(folder, 'origin.log');
  const child: ChildProcess = fork(path.join(__dirname, 'origin-process.cjs'), [log, pictures()]);
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

/** The folder of the drawn images. Each way of drawing them has a folder of its own. */
function pictures(): string {
  const drawn = fs.readFileSync(path.join(ROOT, 'dist/demo/draw-thumbnail.js'));
  const lock = fs.readFileSync(path.join(ROOT, 'package-lock.json'));
  const way = createHash('sha256').update(drawn).update(lock).digest('hex').slice(0, 12);
  return path.join(ROOT, 'node_modules/.cache/artemis-test-pictures', way);
}

function idOf(request: string): string {
  return decodeURIComponent(/^\/thumbs\/(.*)\.jpg$/.exec(request)?.[1] ?? request);
}
