/** Image files that neither a row of the snapshot nor a line of any ledger on disk names. */
import fs from 'node:fs';
import path from 'node:path';
import { dataRootPaths, underRoot } from '../files/data-root';
import { ensureDirectory } from '../files/directories';
import { onDisk } from '../files/disk-errors';
import { listLedgers, readLedger } from '../files/ledger/ledger-reader';
import { tempName } from '../files/temp-names';
import { stageDiskFiles } from '../verify/disk-files';
import { stageLedgerPaths } from '../verify/final-files';
import type { Database } from '../warehouse/driver/database';
import { rowsOf } from '../warehouse/driver/database';
import type { Prunable } from './prunable';

/** `ledgerBytes` is the size of each ledger before it was read. */
export interface UnnamedFiles {
  readonly files: readonly Prunable[];
  readonly ledgerBytes: ReadonlyMap<string, number>;
}

/**
 * Finds the files. Ledgers are read after the files were listed, so that a file that is named late
 * still counts as named.
 *
 * @param database a snapshot session.
 */
export async function findUnnamed(database: Database, dataRoot: string): Promise<UnnamedFiles> {
  await stageDiskFiles({ database, dataRoot, deep: false, onProgress: () => undefined });
  const ledgerBytes = ledgerSizes(dataRoot);
  await stageLedgerPaths(database, dataRoot);
  const rows = await rowsOf(
    database,
    `SELECT path, bytes FROM memory.main.disk_file WHERE path NOT IN (
       SELECT path FROM memory.main.ledger_path
       UNION ALL SELECT path FROM fact_download WHERE path IS NOT NULL
       UNION ALL SELECT thumb_path FROM image WHERE thumb_path IS NOT NULL) ORDER BY path`,
  );
  const files = rows.map((row) => ({ path: String(row.path), bytes: Number(row.bytes) }));
  return { files, ledgerBytes };
}

/**
 * Moves the files away from their names, checks the ledgers once more, and then deletes the files.
 * A run that starts meanwhile and receives the same bytes again may have named one of them.
 *
 * @returns the files that were named meanwhile and were put back.
 */
export async function deleteUnnamed(
  dataRoot: string,
  { files, ledgerBytes }: UnnamedFiles,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const trash = path.join(dataRootPaths(dataRoot).tmp, tempName('prune'));
  const moved = new Map(files.map((file, nth) => [file.path, path.join(trash, String(nth))]));
  onDisk('delete files that no row names', () => {
    ensureDirectory(trash);
    for (const [from, to] of moved) fs.renameSync(underRoot(dataRoot, from), to);
  });
  const named = await namedSince(dataRoot, ledgerBytes);
  const restored = [...moved].filter(([from]) => named.has(from));
  onDisk('delete files that no row names', () => {
    for (const [to, from] of restored) putBack(from, underRoot(dataRoot, to));
    fs.rmSync(trash, { recursive: true, force: true });
  });
  return restored.map(([from]) => from);
}

/** The run may have stored the file again by now. Then that one stays. */
function putBack(from: string, to: string): void {
  if (fs.lstatSync(to, { throwIfNoEntry: false }) === undefined) fs.renameSync(from, to);
}

function ledgerSizes(root: string): ReadonlyMap<string, number> {
  return new Map(listLedgers({ root, runId: null }).map((ledger) => [ledger.path, ledger.bytes]));
}

async function namedSince(
  root: string,
  ledgerBytes: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const [ledger, bytes] of ledgerSizes(root)) {
    // Reads from the start, because the earlier size may lie within a line.
    if (bytes === ledgerBytes.get(ledger)) continue;
    for await (const { line } of readLedger(path.join(root, ledger)))
      if (typeof line?.path === 'string') named.add(line.path);
  }
  return named;
}
