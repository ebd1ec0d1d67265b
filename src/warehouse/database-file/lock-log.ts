/**
 * Logs which program has `warehouse.duckdb` open: once per program instead of at every attempt, and
 * once more when the warehouse is available again.
 */
import type { Logger } from 'pino';
import { StepError } from '../../contract/errors';
import { parseLockHolder } from '../driver/duckdb-errors';

export interface LockLog {
  operationFailed(error: unknown): void;
  operationSucceeded(): void;
}

export function createLockLog(log: Logger): LockLog {
  let loggedHolder: string | null = null;
  return {
    operationFailed: (error) => {
      if (!(error instanceof StepError) || error.code !== 'db_locked') return;
      const holder = parseLockHolder(error);
      // DuckDB cannot name the program of a process that is ending.
      const key = holder === null ? error.message : String(holder.pid);
      if (key !== loggedHolder) log.warn({ holder }, error.message);
      loggedHolder = key;
    },
    operationSucceeded: () => {
      if (loggedHolder !== null) log.info('warehouse.duckdb is ours again: commits go on');
      loggedHolder = null;
    },
  };
}
