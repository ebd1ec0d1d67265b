/** What the activities of the step `features` take and return. */
import type { FeatureCode } from './feature';
import type { Select } from '../run-input';
import type { RunRef } from '../run-ref';

// ---- queue: plan -------------------------------------------------------------------------------

export interface PlanFeaturesInput extends RunRef {
  readonly select: Select;
  readonly limit: number | null;
  readonly only: string | null;
  /** Absent: the unnamed collection. */
  readonly collection?: string | undefined;
}
/** A stretch of the plan, in bytes from its start, whose batches run one after another. */
export interface FeaturePlace {
  readonly from: number;
  readonly to: number;
}
export interface FeatureLane {
  readonly lane: string;
  readonly entries: number;
  readonly place: FeaturePlace;
}
/** Numbers of files (distinct sha256). */
export interface PlanFeaturesResult {
  /** Files to compute. */
  readonly planned: number;
  /** All files that are stored. */
  readonly stored: number;
  /**
   * Files to compute that have features of another version. Workers of older builds do not report
   * it.
   */
  readonly former?: number;
  /**
   * How long computing takes on a machine like that of the plan worker, in seconds: an estimate by
   * the sizes of the images. Workers of older builds do not report it.
   */
  readonly expectedSeconds?: number;
  readonly lanes: readonly FeatureLane[];
}

// ---- queue: features ---------------------------------------------------------------------------

export interface FeatureBatchInput extends RunRef {
  readonly lane: string;
  readonly place: FeaturePlace;
  /** The workflow's counter of batches (from 1). */
  readonly dispatch: number;
  /** The first batch of the lane whose ledgers may have lines of entries beyond the place. */
  readonly sinceDispatch: number;
  /** The seconds after which the batch returns its place. */
  readonly timeBoxSeconds: number;
}
/** Counts are numbers of files of this attempt. */
export interface FeatureBatchResult {
  /** Where the lane's next batch starts; null when the lane is done. */
  readonly place: FeaturePlace | null;
  readonly computed: number;
  readonly failed: number;
}

// ---- queue: warehouse --------------------------------------------------------------------------

export interface CommitFeaturesInput {
  readonly warehouseId: string;
  /** Commits only this run's ledgers; null commits those of every run on disk (recovery). */
  readonly runId: string | null;
}
/** Numbers of files (distinct sha256) of one run in the warehouse, by outcome. */
export interface FeatureRunCounts {
  readonly computed: number;
  readonly failed: number;
}
/** `run` and `codes` count the run's files in the warehouse; `run` is null in recovery. */
export interface CommitFeaturesResult {
  readonly applied: number;
  readonly ledgers: number;
  readonly run: FeatureRunCounts | null;
  readonly codes: Readonly<Partial<Record<FeatureCode, number>>>;
  /** How long the warehouse file was open, in milliseconds. */
  readonly lockHeldMs: number;
}
