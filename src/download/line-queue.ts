/** Lines that become known in one turn of the event loop go to the ledger together, by one call. */
import type { LedgerLine } from '../contract/outcome';
import type { LedgerWriter } from '../files/ledger/ledger-writer';

export interface LineQueue {
  /** Resolves when the lines are in the ledger. @throws StepError disk_*: they are not, nor are others of the same turn. */
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
