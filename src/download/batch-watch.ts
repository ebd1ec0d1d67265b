/** What a batch tells while it works: for the log and the metrics, which it does not know. */
import type { ImageCode, LedgerLine } from '../contract/outcome';
import type { DownloadBatchResult } from '../contract/payloads';

export interface BatchWatch {
  /** A line was appended to the ledger. */
  readonly settled: (line: LedgerLine) => void;
  /** A host asked for a wait (of those under way at once, each tells), or is left alone because it only fails. **Units** ms. */
  readonly hostWaits: (wait: {
    readonly host: string;
    readonly waitMs: number;
    readonly code: ImageCode;
    readonly execution: string;
  }) => void;
  readonly ended: (end: {
    readonly execution: string;
    readonly result: DownloadBatchResult;
  }) => void;
}
