/** The checker: disk, ledgers and snapshot agree. */
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot/snapshot-session';
import type { Check } from './check';
import { stageDiskFiles, type FileProgress } from './disk-files';
import { checkFinalFiles } from './final-files';
import { checkLedgerFold } from './ledger-fold';
import { removeHashJournal } from './hash-journal';
import { checkStates } from './states';
import { checkStoredFiles, countRecorded } from './stored-files';
import { checkTempFiles } from './temp-files';

/** `verify --json`. */
export interface VerifyReport {
  readonly v: 1;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** How far looking at files is. `recorded`: about how many there are. */
export interface VerifyProgress extends FileProgress {
  readonly recorded: number;
}

/**
 * May run beside a run: what is looked at was published, or is on disk for good.
 *
 * **Shape** `deep`: every file is hashed, once; a deep check that was cut off goes on where it was. `onProgress` is told of hashing.
 * **Errors** NoSnapshot; DuckDB's own.
 */
export function verify(
  options: SnapshotOptions & {
    readonly deep: boolean;
    readonly onProgress: (progress: VerifyProgress) => void;
  },
): Promise<VerifyReport> {
  const { dataRoot, deep, onProgress } = options;
  return withSnapshot(options, async (database) => {
    const states = await checkStates(database, dataRoot);
    const recorded = await countRecorded(database);
    await stageDiskFiles({
      ...{ database, dataRoot, deep },
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
    ];
    if (deep) removeHashJournal(dataRoot);
    const inOrder = checks.sort((a, b) => a.id.localeCompare(b.id));
    return { v: 1, ok: inOrder.every(({ ok }) => ok), checks: inOrder };
  });
}
