/** Checks that the disk, the ledgers and the snapshot agree. */
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot/snapshot-session';
import { dataRootPaths } from '../files/data-root';
import { checkEmbeddings } from './check-embeddings';
import type { Check } from './check-result';
import { stageDiskFiles, type FileProgress } from './disk-files';
import { checkFeatures } from './check-features';
import { checkFinalFiles } from './final-files';
import { checkLedgerFold } from './ledger-fold';
import { removeHashJournal } from './hash-journal';
import { checkStates } from './check-states';
import { checkStoredFiles, countRecorded } from './stored-files';
import { checkTempFiles } from './temp-files';

/** The output of `verify --json`. */
export interface VerifyReport {
  readonly v: 1;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** How many files have been processed. `recorded` is the approximate total. */
export interface VerifyProgress extends FileProgress {
  readonly recorded: number;
}

/**
 * Runs all checks. They may run during a run, because they read only what was published or is on
 * disk permanently.
 *
 * @param options `deep` hashes every file once, and reads every number of each segment. A check
 *   that was cut off continues hashing where it stopped. `onProgress` is called while files are
 *   processed.
 * @throws NoSnapshot; DuckDB's own errors.
 */
export function verify(
  options: SnapshotOptions & {
    readonly deep: boolean;
    readonly onProgress: (progress: VerifyProgress) => void;
  },
): Promise<VerifyReport> {
  const { dataRoot, deep, onProgress } = options;
  const readableFolder = dataRootPaths(dataRoot).embeddings;
  return withSnapshot({ ...options, readableFolder }, async (database) => {
    const states = await checkStates(database, dataRoot);
    const recorded = await countRecorded(database);
    await stageDiskFiles({
      database,
      dataRoot,
      deep,
      onProgress: (progress) => {
        onProgress({ ...progress, recorded });
      },
    });
    const checks = [
      states,
      await checkStoredFiles(database),
      ...(await checkFinalFiles(database, dataRoot)),
      await checkLedgerFold(database, dataRoot),
      await checkTempFiles(dataRoot),
      await checkFeatures(database),
      await checkEmbeddings({ database, dataRoot, deep }),
    ];
    if (deep) removeHashJournal(dataRoot);
    const inOrder = checks.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
    return { v: 1, ok: inOrder.every(({ ok }) => ok), checks: inOrder };
  });
}
