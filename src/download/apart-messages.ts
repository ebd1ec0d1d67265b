/** What a download worker and a batch that runs in a process of its own say to each other. Both are ours: types are enough. */
import type { DownloadConfig } from '../config';
import type { DownloadBatchInput, DownloadBatchResult } from '../contract/payloads';
import type { StepCode } from '../contract/errors';
import type { BatchWatch } from './batch-watch';
import type { BatchCounts } from './batch-options';

/** The first message to the child. */
export interface ApartJob {
  readonly kind: 'job';
  readonly dataRoot: string;
  readonly input: DownloadBatchInput;
  readonly attempt: number;
  readonly config: DownloadConfig;
  /** One entry after another: the former process died over one of them. */
  readonly isOneByOne: boolean;
  readonly poison: readonly (readonly [entry: number, how: string])[];
}

/** `beat`: the worker is awake; without it the child takes its execution for lost. */
export type ToChild = ApartJob | { readonly kind: 'beat' } | { readonly kind: 'stop' };

export type FromChild =
  | { readonly kind: 'alive' }
  | { readonly kind: 'begins'; readonly entry: number }
  | { readonly kind: 'progress'; readonly counts: BatchCounts }
  | { readonly kind: 'settled'; readonly line: Parameters<BatchWatch['settled']>[0] }
  | { readonly kind: 'hostWaits'; readonly wait: Parameters<BatchWatch['hostWaits']>[0] }
  | { readonly kind: 'ended'; readonly end: Parameters<BatchWatch['ended']>[0] }
  | { readonly kind: 'returned'; readonly result: DownloadBatchResult }
  /** `code` null: no step's error; `stalled`: {@link ExecutionStalled}. */
  | {
      readonly kind: 'failed';
      readonly code: StepCode | 'stalled' | null;
      readonly message: string;
    };

/** Both sides say something so often. **Units** ms. */
export const BEAT_MS = 1_000;
