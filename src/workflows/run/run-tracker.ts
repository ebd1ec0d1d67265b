/**
 * The state of a run as its workflow knows it. Everything shown or recorded about a run comes from
 * it.
 */
import { catalogCounts, type CatalogCounts } from '../../contract/catalog/catalog-counts';
import type { DownloadProgress } from '../../contract/download-workflow';
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import type { EmbeddingCounts } from '../../contract/embeddings/embedding';
import type { ClusterCounts } from '../../contract/derived/cluster-counts';
import type { DerivedKind, DerivedProblem } from '../../contract/derived/derived-file';
import type { ModelCounts } from '../../contract/derived/model-counts';
import type { Obstacle } from '../../contract/obstacle';
import type { ParseCatalogResult, PublishSnapshotResult, RunRecord } from '../../contract/payloads';
import type { StepName } from '../../contract/run-input';
import {
  FINAL_STATES,
  type RunEntry,
  type RunState,
  type StepRecord,
  type StepState,
  type Summary,
} from '../../contract/run-record';
import type { FailureCause } from '../obstacles/failure-cause';
import { sequenceAfter } from '../reporting/sequence-after';
import { featuresEntry } from '../reporting/features-entry';
import { runEntry } from '../reporting/run-entry';

/** Why a step is in its state: its failure, or what an operator wrote. */
export interface StepReason {
  readonly code: string | null;
  readonly detail: string;
}

interface RunIdentity {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
}

/** Mutable; each run has one. The workflow writes it; details, records and queries read it. */
export class RunTracker {
  state: RunState = 'running';
  failure: FailureCause | null = null;
  /** True while no step and no image may start. */
  isPaused = false;
  endedAt: string | null = null;
  parsed: ParseCatalogResult | null = null;
  download: DownloadProgress | null = null;
  features: FeatureProgress | null = null;
  /** Null before the last embedding has been computed. */
  embeddings: EmbeddingCounts | null = null;
  /** Files whose embeddings this run has computed, also before a retry of the step. */
  computedEmbeddings = 0;
  /** Null before the groups have been found. */
  clusters: ClusterCounts | null = null;
  /** True when the models have no mistake that their columns show. */
  areModelsBound = false;
  /** Null before the models have been built. */
  models: ModelCounts | null = null;
  published: PublishSnapshotResult | null = null;
  /** Where the report is, or why it could not be drawn; known when the run is closed. */
  report: Pick<Summary, 'report' | 'reportProblem'> = {};
  /** Why derived files were not merged, the latest reason of each kind. */
  readonly derivedProblems = new Map<DerivedKind, DerivedProblem>();
  /** When a parked run gives up; null when it never does. */
  parkedUntil: string | null = null;
  /** The search attributes that were set last. */
  shownAttributes = '';
  /** The obstacle in the way of the running step. */
  obstacle: Obstacle | null = null;
  private sequence = 0;
  private current: StepName | null = null;
  private readonly steps = new Map<StepName, StepRecord>();

  constructor(readonly identity: RunIdentity) {}

  /**
   * Adds the steps that the input selects, which are known only after the input has been checked.
   */
  expect(steps: readonly StepName[]): void {
    for (const name of steps) {
      this.steps.set(name, {
        name,
        state: 'pending',
        code: null,
        detail: null,
        startedAt: null,
        endedAt: null,
      });
    }
  }

  /** Records that a step entered a state, with the reason for `parked`, `failed` and `skipped`. */
  recordStepState(name: StepName, state: StepState, reason: StepReason | null = null): void {
    const before = this.steps.get(name);
    const now = new Date().toISOString();
    const isOver = state === 'completed' || state === 'failed' || state === 'skipped';
    this.current = name;
    this.obstacle = null;
    this.steps.set(name, {
      name,
      state,
      code: reason?.code ?? null,
      detail: reason?.detail ?? null,
      startedAt: before?.startedAt ?? now,
      endedAt: isOver ? now : null,
    });
  }

  /**
   * The sequence number of the next progress record. Records of the run and of its child share one
   * sequence.
   */
  nextSequence(): number {
    this.sequence = sequenceAfter(
      this.sequence,
      this.download?.sequence ?? 0,
      this.features?.sequence ?? 0,
    );
    return this.sequence;
  }

  /** Keeps what publications of this run left out of the snapshot. */
  noteDerivedProblems(problems: readonly DerivedProblem[] = []): void {
    for (const problem of problems) this.derivedProblems.set(problem.kind, problem);
  }

  stepRecords(): readonly StepRecord[] {
    return [...this.steps.values()];
  }

  currentStep(): StepRecord | null {
    return this.current === null ? null : (this.steps.get(this.current) ?? null);
  }

  /** The state, which names what keeps a running run from progressing. */
  shownState(): RunState {
    if (this.state !== 'running') return this.state;
    if (this.isPaused) return 'paused';
    const step = this.currentStep();
    const isDownloading = step?.name === 'download' && step.state === 'running';
    return isDownloading && this.download?.state === 'waiting' ? 'waiting' : 'running';
  }

  /** True when no operator can change how the run ends any more. */
  isEnding(): boolean {
    return this.endedAt !== null || this.state === 'cancelling' || FINAL_STATES.has(this.state);
  }

  /** The run as `etl_run` and `etl_step` record it. */
  record(): RunRecord {
    return {
      ...this.identity,
      state: this.state,
      code: this.failure?.code ?? null,
      detail: this.failure?.detail ?? null,
      endedAt: this.endedAt,
      steps: this.stepRecords().map((step) => ({ ...step, ...this.countsOf(step.name) })),
    };
  }

  private countsOf(step: StepName): Pick<StepRecord, 'doneCount' | 'failedCount'> {
    if (step === 'ingest' && this.parsed !== null)
      return { doneCount: this.parsed.images, failedCount: this.parsed.rejected };
    if (step === 'features' && this.features !== null)
      return { doneCount: this.features.computed, failedCount: this.features.failed };
    if (step === 'embeddings' && this.embeddings !== null)
      return { doneCount: this.embeddings.computed, failedCount: this.embeddings.failed };
    if (step === 'clusters' && this.clusters !== null) {
      const { exactGroups, nearGroups, visualGroups } = this.clusters;
      return { doneCount: exactGroups + nearGroups + visualGroups, failedCount: 0 };
    }
    if (step === 'aggregates' && this.models !== null)
      return { doneCount: this.models.built, failedCount: this.models.failed };
    if (step !== 'download' || this.download === null) return {};
    const { stored, notModified, failed } = this.download.counts;
    return { doneCount: stored + notModified, failedCount: failed };
  }

  /** How many of the catalog's rows were accepted and rejected; null until it has been read. */
  catalog(): CatalogCounts | null {
    return this.parsed === null ? null : catalogCounts(this.parsed);
  }

  /** The entry that progress.json, `status` and the query `progress` show. */
  entry(): RunEntry {
    return runEntry({
      ...this.identity,
      state: this.shownState(),
      step: this.currentStep(),
      obstacle: this.obstacle,
      counts: this.download?.counts ?? null,
      ratePerSecond: 0,
      ...(this.features === null ? {} : { features: featuresEntry(this.features) }),
      ...(this.embeddings === null ? {} : { embeddings: this.embeddings }),
      ...(this.clusters === null ? {} : { clusters: this.clusters }),
    });
  }
}
