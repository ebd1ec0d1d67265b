/** Opens an in-memory DuckDB with the settings that this program always uses. */
import type { DatabaseConfig } from '../../config';
import type { Database } from './database';
import { openDuckdbAsync } from './duckdb-async/duckdb-async-driver';
import { loadDuckdbAsync } from './duckdb-async/duckdb-async-package';
import { openNodeApi } from './node-api-driver';

/**
 * DuckDB 1.5 keeps unchanged metadata of a file where it is, and with some sequences of writes that
 * makes a file that DuckDB 1.4 and older cannot open ("Failed to load metadata pointer"), although
 * its storage version is theirs.
 */
const READABLE_BY_OLDER = { experimental_metadata_reuse: 'false' };

/**
 * The threshold with which every COMMIT is a checkpoint and writes no write-ahead log, instead of
 * DETACH making one. That takes a fifth less of both time and bytes written.
 */
export const CHECKPOINT_AT_COMMIT = '1KB';

/**
 * Opens an in-memory DuckDB with the configured driver. No extension is needed, so none may be
 * downloaded or loaded.
 *
 * @param config `config.memory` is in DuckDB's notation ("500MB").
 * @param spillFolder receives data that does not fit into memory.
 * @throws DriverMissing; DuckDB's errors.
 * @see DuckDB, "Configuration".
 */
export function openDatabase(config: DatabaseConfig, spillFolder: string): Promise<Database> {
  const settings = {
    memory_limit: config.memory,
    threads: String(config.threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    temp_directory: spillFolder,
    // Merging small row groups while a file is detached holds the file's lock. Writers enable it
    // when it is acceptable (see commit-ledgers.ts).
    max_vacuum_tasks: '0',
    checkpoint_threshold: CHECKPOINT_AT_COMMIT,
  };
  switch (config.driver) {
    case 'node-api':
      return openNodeApi({ ...settings, ...READABLE_BY_OLDER });
    case 'duckdb-async':
      return openDuckdbAsync(settings);
  }
}

/**
 * Loads the driver at the start of a worker, so that a worker without it does not start.
 *
 * @throws DriverMissing.
 */
export function requireDriver({ driver }: DatabaseConfig): void {
  if (driver === 'duckdb-async') loadDuckdbAsync();
}
