/** Appends all lines that are queued in one turn of the event loop to the ledger with one call. */
import type { LedgerLine } from '../contract/outcome';
import type { LedgerWriter } from '../files/ledger/ledger-writer';

export interface LineQueue {
  /**
   * Resolves when the lines are in the ledger.
   *
   * @throws StepError disk_* when these lines, and all others of the same turn, are not in the
   *   ledger.
   */
  append(lines: readonly LedgerLine[]): Promise<void>;
}

export function createLineQueue(ledger: LedgerWriter): LineQueue {
  let lines: LedgerLine[] = [];
  let written: Promise<void> | null = null;
  const writeAfterThisTurn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      setImmediate(() => {
        const queued = lines;
        lines = [];
        written = null;
        try {
          ledger.append(...queued);
          resolve();
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  return {
    append: (added) => {
      lines.push(...added);
      written ??= writeAfterThisTurn();
      return written;
    },
  };
}
