/**
 * Judges a write-ahead log that lies beside the warehouse. Ours is legitimate when a kill left it: DuckDB replays it.
 * Everything else is moved aside, which loses nothing: a commit counts as made once it is in the file itself, and what was not
 * committed is still in ledgers and catalogs.
 *
 * **Source** seen with DuckDB 1.5.5 (test/warehouse/database-file/write-ahead-log.test.ts): it opens a file beside a log that begins with noise,
 * and merges another database's log in, both without a word.
 */
import fs from 'node:fs';
import path from 'node:path';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import { linkOrCopy } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { attachReadOnly } from './attach';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { moveAside } from './move-aside';

/** Every log begins with a record of the type 98, "version". **Source** DuckDB, src/storage/write_ahead_log.cpp. */
const BEGINNING = Buffer.from([0x64, 0x00, 0x62, 0x65, 0x00]);

/** **Units** bytes of that record: a log that has no more holds nothing. */
const VERSION_RECORD_BYTES = 8;

export interface Wal {
  readonly database: Database;
  readonly dataRoot: string;
  readonly warehouse: string;
  readonly wal: string;
}

/**
 * Returns when DuckDB may replay the log, or when it held nothing and is out of the way.
 *
 * **Errors** StepError `db_wal_corrupt`, the log moved aside; `db_locked` when it belongs to a program that is at work.
 */
export async function examineWal(options: Wal): Promise<void> {
  const { wal } = options;
  const first = readFirst(wal);
  const isCut =
    first.length < BEGINNING.length && BEGINNING.subarray(0, first.length).equals(first);
  const isLog = first.subarray(0, BEGINNING.length).equals(BEGINNING);
  const reason = isCut || isLog ? await replayOnTrial(options) : 'it is not a write-ahead log';
  if (reason !== null) throw refused(wal, reason);
  if (fs.existsSync(wal) && fs.statSync(wal).size <= VERSION_RECORD_BYTES) moveAside(wal);
}

function readFirst(file: string): Buffer {
  const bytes = Buffer.alloc(VERSION_RECORD_BYTES);
  const descriptor = fs.openSync(file, 'r');
  try {
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Read-only: the log is replayed in memory, and file and log stay as they are. Why it must not be; null when it may. */
async function replayOnTrial(options: Wal): Promise<string | null> {
  const { database, warehouse } = options;
  try {
    await attachReadOnly(database, warehouse, 'replayed');
  } catch (error) {
    const known = asWarehouseError(error, `open ${warehouse}`);
    if (known?.code !== 'db_wal_corrupt') throw known ?? error;
    return known.message;
  }
  const foreign = await findForeign(options);
  await database.run('DETACH replayed');
  return foreign;
}

/** What a log of ours never brings: tables that are not there without it, ledgers and runs that are not on this disk. */
async function findForeign(options: Wal): Promise<string | null> {
  const { database, dataRoot, warehouse } = options;
  const { tmp, runs } = dataRootPaths(dataRoot);
  // Under another name of the same file there is no log beside it.
  const alone = path.join(tmp, `${tempName('examine')}.duckdb`);
  linkOrCopy(warehouse, alone);
  try {
    await attachReadOnly(database, alone, 'settled');
    const [table] = await onlyReplayed(database, tablesOf);
    if (table !== undefined) return `it brings a table "${table}" that is not ours`;
    const ledgers = await onlyReplayed(database, (name) => `SELECT ledger FROM ${name}.etl_commit`);
    const ledger = ledgers.find((relative) => !fs.existsSync(path.join(dataRoot, relative)));
    if (ledger !== undefined) return `it speaks of the ledger ${ledger}, which is not here`;
    const runIds = await onlyReplayed(database, (name) => `SELECT run_id FROM ${name}.etl_run`);
    const runId = runIds.find((id) => !fs.existsSync(path.join(runs, id)));
    return runId === undefined ? null : `it speaks of the run ${runId}, which is not here`;
  } finally {
    await database.run('DETACH DATABASE IF EXISTS settled');
    fs.rmSync(alone, { force: true });
  }
}

function tablesOf(name: string): string {
  return `SELECT table_name FROM duckdb_tables() WHERE database_name = '${name}'
          UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = '${name}'`;
}

async function onlyReplayed(
  database: Database,
  query: (name: string) => string,
): Promise<readonly string[]> {
  const rows = await rowsOf(
    database,
    `SELECT * FROM (${query('replayed')}) EXCEPT ALL SELECT * FROM (${query('settled')})`,
  );
  return rows.map((row) => String(Object.values(row)[0]));
}

function refused(wal: string, reason: string): StepError {
  const aside = moveAside(wal);
  return new StepError(
    'db_wal_corrupt',
    `Could not use the write-ahead log ${wal}: ${reason}. It is kept as ${path.basename(aside)}. Retry the step: what was acknowledged is in the warehouse itself, and ledgers and catalogs bring back the rest ("artemis-pipeline rebuild" makes all of it anew).`,
  );
}
