/** The checker: disk, ledgers and snapshot agree. */
import { withSnapshot, type SnapshotOptions } from '../warehouse/snapshot-session';
import type { Check } from './check';
import { checkFinalFiles } from './final-files';
import { checkLedgerFold } from './ledger-fold';
import { checkStates } from './states';
import { checkStoredFiles } from './stored-files';
import { checkTempFiles } from './temp-files';

/** `verify --json`. */
export interface VerifyReport {
  readonly v: 1;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/**
 * May run beside a run: what is looked at was published, or is on disk for good.
 *
 * **Shape** `deep`: every file is hashed. `onProgress` is told how many files of the snapshot were checked.
 * **Errors** NoSnapshot; DuckDB's own.
 */
export function verify(
  options: SnapshotOptions & {
    readonly deep: boolean;
    readonly onProgress: (checked: number) => void;
  },
): Promise<VerifyReport> {
  const { dataRoot, deep, onProgress } = options;
  return withSnapshot(options, async (database) => {
    const checks = [
      await checkStates(database, dataRoot),
      await checkStoredFiles({ database, dataRoot, deep, onProgress }),
      ...(await checkFinalFiles({ dataRoot, deep })),
      await checkLedgerFold(database, dataRoot),
      await checkTempFiles(dataRoot),
    ];
    const inOrder = checks.sort((a, b) => a.id.localeCompare(b.id));
    return { v: 1, ok: inOrder.every(({ ok }) => ok), checks: inOrder };
  });
}
