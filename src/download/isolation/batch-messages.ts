/**
 * The messages between a download worker and a batch in a process of its own. Both run the same
 * build, so types suffice and nothing is parsed.
 */
import type { DownloadConfig } from '../../config';
import type { DownloadBatchInput, DownloadBatchResult } from '../../contract/payloads';
import type { StepCode } from '../../contract/errors';
import type { FenceCode } from '../attempt-fence';
import type { BatchWatch } from '../batch-watch';
import type { BatchCounts } from '../batch-options';

/** The first message to the child. */
export interface IsolatedJob {
  readonly kind: 'job';
  readonly dataRoot: string;
  readonly input: DownloadBatchInput;
  readonly attempt: number;
  readonly config: DownloadConfig;
  /** One entry after another, because the previous process died while it worked on one of them. */
  readonly isOneByOne: boolean;
  readonly poison: readonly (readonly [entry: number, how: string])[];
  readonly openUntilMs: number;
}

/**
 * `beat` carries the time until which the worker's fence is open, see `AttemptFence.openUntilMs`.
 * The child's own fence closes at that time, so a child whose worker was stopped or has lost the
 * server stops as early as the worker would.
 */
export type ToChild =
  IsolatedJob | { readonly kind: 'beat'; readonly openUntilMs: number } | { readonly kind: 'stop' };

export type FromChild =
  | { readonly kind: 'alive' }
  | { readonly kind: 'begins'; readonly entry: number }
  | { readonly kind: 'progress'; readonly counts: BatchCounts }
  | { readonly kind: 'settled'; readonly line: Parameters<BatchWatch['settled']>[0] }
  | { readonly kind: 'hostWaits'; readonly wait: Parameters<BatchWatch['hostWaits']>[0] }
  | { readonly kind: 'ended'; readonly end: Parameters<BatchWatch['ended']>[0] }
  | { readonly kind: 'returned'; readonly result: DownloadBatchResult }
  /** `code` is null when the error belongs neither to a step nor to the fence. */
  | {
      readonly kind: 'failed';
      readonly code: StepCode | FenceCode | null;
      readonly message: string;
    };

/** Both sides send a message at this interval. In milliseconds. */
export const BEAT_MS = 1_000;
