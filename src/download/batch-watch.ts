/** Reports the progress of a batch to the log and the metrics, which the batch does not import. */
import type { ImageCode, LedgerLine } from '../contract/outcome';
import type { DownloadBatchResult } from '../contract/payloads';

export interface BatchWatch {
  /** A line was appended to the ledger. */
  readonly settled: (line: LedgerLine) => void;
  /**
   * A host asked for a wait of `waitMs` milliseconds, or is left alone because all its requests
   * fail. Each request that was under way when the wait began reports it.
   */
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
