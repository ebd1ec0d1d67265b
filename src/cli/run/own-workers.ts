/** Workers that `run` starts for queues that no worker polls. They end with it. */
import type { Client } from '@temporalio/client';
import { QUEUE_NAMES } from '../../contract/task-queues';
import type { ResolvedServer } from '../../server/resolve-server';
import type { CommandContext } from '../command-context';
import { missingQueues } from './missing-queues';

export interface OwnWorkers {
  /** False when other workers poll all queues. */
  readonly areAny: boolean;
  /** Rejects when a worker breaks; never resolves before {@link OwnWorkers.stop}. */
  readonly broken: Promise<never>;
  /** Drains them. */
  stop(): Promise<void>;
}

/**
 * @throws the errors of startWorkers; the signal's reason while standing by for the writer lock.
 */
export async function startOwnWorkers(
  { config, log: commandLog }: CommandContext,
  server: ResolvedServer,
  client: Client,
  { signal, steps }: { readonly signal: AbortSignal; readonly steps: unknown },
): Promise<OwnWorkers> {
  // No worker polls a server that this command has just started.
  const missing = server.started ? QUEUE_NAMES : await missingQueues(client, config.queuePrefix);
  // Only a run with the step needs workers of features.
  const needsFeatures = Array.isArray(steps) && steps.includes('features');
  const queues = missing.filter((queue) => queue !== 'features' || needsFeatures);
  if (queues.length === 0)
    return {
      areAny: false,
      broken: new Promise<never>(() => undefined),
      stop: () => Promise.resolve(),
    };
  const connection = server.settings;
  // The bar shows the progress, and log lines about batches and commits would tear it apart.
  const log = commandLog.level === 'info' ? commandLog.child({}, { level: 'warn' }) : commandLog;
  // The package of the workers takes long to load, and no worker may be missing.
  const { startWorkers } = await import('../../workers/start-workers.js');
  const workers = await startWorkers({
    config,
    connection,
    client,
    queues,
    log,
    signal,
  });
  const broken = new Promise<never>((_resolve, reject) => {
    workers.ended.catch(reject);
  });
  // The caller may not be waiting when one worker breaks while the others drain.
  broken.catch(() => undefined);
  return {
    areAny: true,
    broken,
    stop: () => {
      workers.stop();
      return workers.ended;
    },
  };
}
