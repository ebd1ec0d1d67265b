/** Starts a worker of another build on this program's queues. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface OlderWorker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Returns when the worker serves the queues. */
export async function startOlderWorker(
  address: string,
  ...taskQueues: readonly string[]
): Promise<OlderWorker> {
  const script = path.join(__dirname, 'older-worker-process.mjs');
  const child = fork(script, [address, ...taskQueues], { silent: true });
  // A worker that ends before it serves is an error here, and not a test that waits for ever.
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the older worker ended with ${String(code)} before it served`);
  });
  await Promise.race([once(child, 'message'), died]);
  died.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      const exited = once(child, 'exit');
      // The worker ends by itself, so that no task is lost with one of its polls.
      child.kill('SIGTERM');
      await exited;
    },
  };
}
