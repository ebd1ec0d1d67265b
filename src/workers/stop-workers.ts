/** The end of a process's workers: what they held is let go only when none of them may still be at work. */
import { GracefulShutdownPeriodExpiredError, IllegalStateError } from '@temporalio/worker';

/** Something to be let go when the workers have ended. */
export type Release = () => Promise<void>;

/** Of a worker, what its end needs. */
export interface EndingWorker {
  getState(): string;
  run(): Promise<void>;
  shutdown(): void;
}

/** An activity goes on though its worker has ended. Who gets this ends the process: nothing else stops that activity. */
export class WorkGoesOn extends Error {
  override readonly name = 'WorkGoesOn';

  constructor(stopSeconds: number, cause: unknown) {
    super(
      `Work that was under way did not end within ${stopSeconds} s after the request to stop (ARTEMIS_STOP_SECONDS), so this process ends at once, as a kill would end it. Nothing is lost: what was not committed is done again from the ledgers and the catalog, by the next worker. The writer lock is free when the process is gone.`,
      { cause },
    );
  }
}

/**
 * Runs the workers until they have drained, then lets go of what they held, the last thing first.
 * One that broke takes the others along: half a set of workers would only look alive.
 *
 * **Errors** that of the first worker that broke; {@link WorkGoesOn}. After either nothing is let go: its activities may still write,
 * and a writer lock that is free would let another process write beside them. It goes with the process.
 */
export function runAll(
  workers: readonly EndingWorker[],
  releases: readonly Release[],
  stopSeconds: number,
): { readonly ended: Promise<void>; stop(): void } {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map((worker) => worker.run().finally(stop));
  const ended = Promise.allSettled(runs).then(async (results) => {
    const broken = results.find((result) => result.status === 'rejected');
    if (broken === undefined) await releaseAll(releases);
    else throw asEnd(broken.reason, stopSeconds);
  });
  return { ended, stop };
}

export async function releaseAll(releases: readonly Release[]): Promise<void> {
  for (const release of [...releases].reverse()) await release();
}

function asEnd(reason: unknown, stopSeconds: number): Error {
  return isStillAtWork(reason) ? new WorkGoesOn(stopSeconds, reason) : new WorkersBroke(reason);
}

/**
 * The time to stop has passed; or, which replaces that, the SDK could not take down a worker in whose activity a heartbeat goes on.
 *
 * **Source** @temporalio/worker 1.24, worker.js, runInternal: `finalizeShutdown` in a `finally`.
 */
function isStillAtWork(reason: unknown): boolean {
  if (reason instanceof GracefulShutdownPeriodExpiredError) return true;
  return reason instanceof IllegalStateError && reason.message.startsWith('Worker still in use');
}

/** A worker ended by itself, which is a bug or a server's refusal; the process is to end. */
export class WorkersBroke extends Error {
  override readonly name = 'WorkersBroke';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}
