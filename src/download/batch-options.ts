/** What a batch is given: its job, and the worker that it runs in. */
import type { DownloadConfig } from '../config';
import type { DownloadBatchInput } from '../contract/payloads';
import type { ImageChecker } from '../images/image-checker';
import type { AttemptFence } from './attempt-fence';
import type { BatchWatch } from './batch-watch';
import type { DownloadNetwork } from './hosts/download-network';

export interface BatchOptions {
  readonly dataRoot: string;
  readonly input: DownloadBatchInput;
  /** Temporal's. */
  readonly attempt: number;
  readonly config: DownloadConfig;
  readonly checker: ImageChecker;
  /** The network of this process. */
  readonly network: DownloadNetwork;
  /** Consulted before each request. */
  readonly fence: AttemptFence;
  /** Cancel, pause, reset, a lost heartbeat, a closed fence, the worker's shutdown: stop at once. */
  readonly signal: AbortSignal;
  readonly watch: BatchWatch;
  readonly onProgress: (counts: BatchCounts) => void;
  /** One entry after another, and told which, so that it is known over which of them the process dies. */
  readonly onlyEntry?: (entry: number) => void;
  /** Entries over which it did, again and again, and how: they fail without a request. */
  readonly poison?: ReadonlyMap<number, string>;
}

export interface BatchCounts {
  readonly stored: number;
  readonly failed: number;
}
