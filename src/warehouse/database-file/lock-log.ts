/** Tells the log who has `warehouse.duckdb` open instead of us: once for each program, not at every try, and when it is gone. */
import type { Logger } from 'pino';
import { StepError } from '../../contract/errors';
import { lockHolder } from '../driver/duckdb-errors';

export interface LockLog {
  failed(error: unknown): void;
  worked(): void;
}

export function createLockLog(log: Logger): LockLog {
  let told: string | null = null;
  return {
    failed: (error) => {
      if (!(error instanceof StepError) || error.code !== 'db_locked') return;
      const holder = lockHolder(error);
      const key = holder === null ? error.message : `${holder.pid} ${holder.program}`;
      if (key !== told) log.warn({ holder }, error.message);
      told = key;
    },
    worked: () => {
      if (told !== null) log.info('warehouse.duckdb is ours again: commits go on');
      told = null;
    },
  };
}
