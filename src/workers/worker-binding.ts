/** What the workers of a process are created from. */
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Config } from '../config';
import type { QueueName } from '../contract/task-queues';
import type { PreparedProcesses } from '../processes/prepared-processes';
import type { ConnectionSettings } from '../server/configured-connection';
import type { Metrics } from '../telemetry/metrics';
import type { Release } from './stop-workers';

export interface WorkersOptions {
  readonly config: Config;
  readonly connection: ConnectionSettings;
  /** An open client of that server, which spares the workers a connection of their own. */
  readonly client?: Client;
  readonly queues: readonly QueueName[];
  readonly log: Logger;
  /** Ends the wait for the writer lock. */
  readonly signal?: AbortSignal;
  /**
   * Whether a run begins at once, so that the child processes that read its catalog and plan its
   * downloads are started ahead. True if absent.
   */
  readonly runBegins?: boolean;
}

/** The options of {@link WorkersOptions}, and what all workers of the process share. */
export interface Binding extends WorkersOptions {
  readonly native: NativeConnection;
  readonly metrics: Metrics;
  readonly warehouseId: string;
  /** Called in reverse order when all workers have ended. */
  readonly releases: Release[];
  /** Processes for work on untrusted files, which may be started ahead. */
  readonly prepared: PreparedProcesses;
  /** Called when the plan worker begins to read a catalog, which other workers wait for. */
  readonly whenIngestBegins: (() => void)[];
}
