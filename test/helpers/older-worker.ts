/** A worker of another build on our queues. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface OlderWorker {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Returns when it serves the queues. */
export async function startOlderWorker(
  address: string,
  ...taskQueues: readonly string[]
): Promise<OlderWorker> {
  const script = path.join(__dirname, 'older-worker-process.mjs');
  const child = fork(script, [address, ...taskQueues], { silent: true });
  // One that ends before it serves is an error here, not a test that waits for ever.
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the older worker ended with ${String(code)} before it served`);
  });
  await Promise.race([once(child, 'message'), died]);
  died.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      const exited = once(child, 'exit');
      // Its own end, so that no task is lost with a poll of it.
      child.kill('SIGTERM');
      await exited;
    },
  };
}
