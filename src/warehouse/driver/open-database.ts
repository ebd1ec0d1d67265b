/** Opens an in-memory DuckDB with the settings that every open of ours has. */
import type { DatabaseConfig } from '../../config';
import type { Database } from './database';
import { openDuckdbAsync } from './duckdb-async/duckdb-async-driver';
import { loadDuckdbAsync } from './duckdb-async/duckdb-async-package';
import { openNodeApi } from './node-api-driver';

/**
 * **Units** `config.memory` as DuckDB writes it; `spillFolder` takes what does not fit.
 * **Errors** DriverMissing; DuckDB's own.
 * **Source** settings: DuckDB's "Configuration" reference; no extension is needed, so none may be fetched or loaded.
 */
export function openDatabase(config: DatabaseConfig, spillFolder: string): Promise<Database> {
  const settings = {
    memory_limit: config.memory,
    threads: String(config.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: spillFolder,
    // Merging small row groups while a file is detached holds its lock; who writes says when (see commit-ledgers.ts).
    max_vacuum_tasks: '0',
    // The checkpoint comes with COMMIT, which then writes no write-ahead log, rather than with DETACH: a fifth less of both.
    checkpoint_threshold: '1KB',
  };
  switch (config.driver) {
    case 'node-api':
      return openNodeApi(settings);
    case 'duckdb-async':
      return openDuckdbAsync(settings);
  }
}

/** Loads the driver, so that a worker that cannot work does not start. **Errors** DriverMissing. */
export function requireDriver({ driver }: DatabaseConfig): void {
  if (driver === 'duckdb-async') loadDuckdbAsync();
}
