/**
 * Stops a process's workers. What they hold is released only when none of them can still be
 * working.
 */
import { GracefulShutdownPeriodExpiredError, IllegalStateError } from '@temporalio/worker';

/** Releases something when the workers have ended. */
export type Release = () => Promise<void>;

/** The part of a worker that is needed to stop it. */
export interface EndingWorker {
  getState(): string;
  run(): Promise<void>;
  shutdown(): void;
}

/**
 * An activity continues although its worker has ended. The caller must end the process, because
 * nothing else stops that activity.
 */
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
 * Runs the workers until they have drained, then releases what they held, in reverse order. When
 * one breaks, the others are stopped, because an incomplete set of workers would only look healthy.
 *
 * @throws the error of the first worker that broke; {@link WorkGoesOn}. Nothing is released after
 *   either: its activities may still write, and if the writer lock were free, another process could
 *   write at the same time. The lock is released when the process ends.
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
    else throw workersError(broken.reason, stopSeconds);
  });
  return { ended, stop };
}

export async function releaseAll(releases: readonly Release[]): Promise<void> {
  for (const release of [...releases].reverse()) await release();
}

function workersError(reason: unknown, stopSeconds: number): Error {
  return isStillAtWork(reason) ? new WorkGoesOn(stopSeconds, reason) : new WorkersBroke(reason);
}

/**
 * Whether the time to stop has passed. The SDK may report instead that it could not finalize a
 * worker whose activity still sends heartbeats.
 *
 * @see @temporalio/worker 1.24, worker.js, runInternal: `finalizeShutdown` in a `finally`.
 */
function isStillAtWork(reason: unknown): boolean {
  if (reason instanceof GracefulShutdownPeriodExpiredError) return true;
  return reason instanceof IllegalStateError && reason.message.startsWith('Worker still in use');
}

/**
 * A worker ended although it was not asked to, because of a bug or because the server refused it.
 * The process must end.
 */
export class WorkersBroke extends Error {
  override readonly name = 'WorkersBroke';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    if (cause instanceof Error && cause.stack !== undefined) this.stack = cause.stack;
  }
}
