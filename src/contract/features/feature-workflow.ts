/** What the parent gives the child that computes features, and what the child reports. */
import type { CommandPlace } from '../commands/printed-command';
import type { DownloadSteering } from '../download-workflow';
import type { FeatureCode } from './feature';
import type { FeatureLane } from './feature-payloads';
import type { Obstacle } from '../obstacle';
import type { Tuning } from '../payloads';
import type { ResolvedInput } from '../run-input';
import type { FeaturesEntry, RunCounts } from '../run-record';
import type { RunRef } from '../run-ref';

/** Sent to the parent now and then, and returned as the result. */
export interface FeatureProgress extends FeaturesEntry {
  readonly state: 'running' | 'paused' | 'cancelling';
  /** A text for users. */
  readonly words: string;
  readonly obstacle: Obstacle | null;
  readonly codes: Readonly<Partial<Record<FeatureCode, number>>>;
  /** The number of the child's last progress record. The parent's next record gets a higher one. */
  readonly sequence: number;
}

/** A lane that is not done. `sinceDispatch` is that of its next batch's input. */
export interface OpenFeatureLane extends FeatureLane {
  readonly sinceDispatch: number;
}

/** Where the next execution of the same child continues. */
export interface FeatureCursor {
  readonly lanes: readonly OpenFeatureLane[];
  readonly dispatch: number;
  readonly progress: FeatureProgress;
}

export interface ComputeFeaturesInput extends RunRef {
  readonly workflowId: string;
  readonly startedAt: string;
  readonly input: ResolvedInput;
  readonly tuning: Tuning;
  /** As in `OpenRunResult`. */
  readonly place?: CommandPlace;
  /** The counts of the run's downloads; null when it had none. */
  readonly counts: RunCounts | null;
  /** Progress records of this child have higher numbers. */
  readonly sequence: number;
  /** Only `isPaused` matters. */
  readonly steering: DownloadSteering;
  /** Null in the child's first execution. */
  readonly cursor: FeatureCursor | null;
}
