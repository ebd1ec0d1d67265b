/** The input of a batch: its job, and the parts of its worker that it uses. */
import type { DownloadConfig } from '../config';
import type { DownloadBatchInput } from '../contract/payloads';
import type { ImageChecker } from '../images/image-checker';
import type { AttemptFence } from './attempt-fence';
import type { BatchWatch } from './batch-watch';
import type { DownloadNetwork } from './hosts/download-network';

export interface BatchOptions {
  readonly dataRoot: string;
  readonly input: DownloadBatchInput;
  /** The attempt number that Temporal gives. */
  readonly attempt: number;
  readonly config: DownloadConfig;
  readonly checker: ImageChecker;
  /** The network of this process. */
  readonly network: DownloadNetwork;
  /** Checked before each request. */
  readonly fence: AttemptFence;
  /**
   * Aborted by a cancel, a pause, a reset, a lost heartbeat, a closed fence and the worker's
   * shutdown. The batch must stop at once.
   */
  readonly signal: AbortSignal;
  readonly watch: BatchWatch;
  readonly onProgress: (counts: BatchCounts) => void;
  /**
   * When given, the batch works on one entry after another and reports each, so that it is known
   * over which entry the process dies.
   */
  readonly onlyEntry?: (entry: number) => void;
  /**
   * Entries over which the process died repeatedly, and how it died. They fail without a request.
   */
  readonly poison?: ReadonlyMap<number, string>;
}

export interface BatchCounts {
  readonly stored: number;
  readonly failed: number;
}
