/**
 * Examines a write-ahead log beside the warehouse. A log that a killed writer of ours left is
 * valid, and DuckDB replays it. Every other log is moved aside. That loses nothing: a commit is
 * acknowledged only when it is in the file itself, and ledgers and catalogs still contain
 * everything that was not committed.
 *
 * The examination is necessary because DuckDB 1.5.5 opens a file beside a log that begins with
 * noise, and applies the log of another database, without an error in either case.
 *
 * @see test/warehouse/database-file/write-ahead-log.test.ts
 */
import fs from 'node:fs';
import path from 'node:path';
import { artemisCommand } from '../../contract/commands/printed-command';
import { StepError } from '../../contract/errors';
import { dataRootPaths } from '../../files/data-root';
import { linkOrCopy } from '../../files/link-or-copy';
import { tempName } from '../../files/temp-names';
import { attachReadOnly } from './attach';
import type { Database } from '../driver/database';
import { rowsOf } from '../driver/database';
import { asWarehouseError } from '../driver/duckdb-errors';
import { moveAside } from './move-aside';

/**
 * Every log begins with a record of the type 98, "version".
 *
 * @see DuckDB, src/storage/write_ahead_log.cpp.
 */
const LOG_PREFIX = Buffer.from([0x64, 0x00, 0x62, 0x65, 0x00]);

/** Size of that record in bytes. A log that is not longer contains no changes. */
const VERSION_RECORD_BYTES = 8;

export interface Wal {
  readonly database: Database;
  readonly dataRoot: string;
  readonly warehouse: string;
  readonly wal: string;
}

/**
 * Resolves when DuckDB may replay the log, or when the log contained nothing and was moved aside.
 *
 * @throws StepError `db_wal_corrupt` after the log was moved aside; `db_locked` when it belongs to
 *   a running program.
 */
export async function examineWal(options: Wal): Promise<void> {
  const { wal } = options;
  const firstBytes = readFirstBytes(wal);
  const isCutPrefix =
    firstBytes.length < LOG_PREFIX.length &&
    LOG_PREFIX.subarray(0, firstBytes.length).equals(firstBytes);
  const isLog = firstBytes.subarray(0, LOG_PREFIX.length).equals(LOG_PREFIX);
  const reason =
    isCutPrefix || isLog ? await replayOnTrial(options) : 'it is not a write-ahead log';
  if (reason !== null) throw refuseLog(options, reason);
  if (fs.existsSync(wal) && fs.statSync(wal).size <= VERSION_RECORD_BYTES) moveAside(wal);
}

function readFirstBytes(file: string): Buffer {
  const bytes = Buffer.alloc(VERSION_RECORD_BYTES);
  const descriptor = fs.openSync(file, 'r');
  try {
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Replays the log in memory, which changes neither the file nor the log.
 *
 * @returns why the log must not be replayed, or null if it may be.
 */
async function replayOnTrial(options: Wal): Promise<string | null> {
  const { database, warehouse } = options;
  try {
    await attachReadOnly(database, warehouse, 'replayed');
  } catch (error) {
    const known = asWarehouseError(error, `open ${warehouse}`, options.dataRoot);
    if (known?.code !== 'db_wal_corrupt') throw known ?? error;
    return known.message;
  }
  const foreignChange = await findForeignChange(options);
  await database.run('DETACH replayed');
  return foreignChange;
}

/**
 * Looks for changes that a log of ours never contains: new tables, and ledgers and runs that are
 * not on this disk.
 */
async function findForeignChange(options: Wal): Promise<string | null> {
  const { database, dataRoot, warehouse } = options;
  const { tmp, runs } = dataRootPaths(dataRoot);
  // Under a second name the same file has no log beside it.
  const secondName = path.join(tmp, `${tempName('examine')}.duckdb`);
  linkOrCopy(warehouse, secondName);
  try {
    await attachReadOnly(database, secondName, 'unreplayed');
    const [table] = await findOnlyReplayed(database, tableNamesSql);
    if (table !== undefined) return `it brings a table "${table}" that is not ours`;
    const ledgers = await findOnlyReplayed(
      database,
      (name) => `SELECT ledger FROM ${name}.etl_commit`,
    );
    const ledger = ledgers.find((relative) => !fs.existsSync(path.join(dataRoot, relative)));
    if (ledger !== undefined) return `it speaks of the ledger ${ledger}, which is not here`;
    const runIds = await findOnlyReplayed(database, (name) => `SELECT run_id FROM ${name}.etl_run`);
    const runId = runIds.find((id) => !fs.existsSync(path.join(runs, id)));
    return runId === undefined ? null : `it speaks of the run ${runId}, which is not here`;
  } finally {
    await database.run('DETACH DATABASE IF EXISTS unreplayed');
    fs.rmSync(secondName, { force: true });
  }
}

function tableNamesSql(name: string): string {
  return `SELECT table_name FROM duckdb_tables() WHERE database_name = '${name}'
          UNION ALL SELECT view_name FROM duckdb_views() WHERE database_name = '${name}'`;
}

async function findOnlyReplayed(
  database: Database,
  query: (name: string) => string,
): Promise<readonly string[]> {
  const rows = await rowsOf(
    database,
    `SELECT * FROM (${query('replayed')}) EXCEPT ALL SELECT * FROM (${query('unreplayed')})`,
  );
  return rows.map((row) => String(Object.values(row)[0]));
}

function refuseLog({ wal, dataRoot }: Wal, reason: string): StepError {
  const aside = moveAside(wal);
  return new StepError(
    'db_wal_corrupt',
    `Could not use the write-ahead log ${wal}: ${reason}. It is kept as ${path.basename(aside)}. Retry the step: what was acknowledged is in the warehouse itself, and ledgers and catalogs bring back the rest ("${artemisCommand('rebuild', dataRoot)}" makes all of it again).`,
  );
}
