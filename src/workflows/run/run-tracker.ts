/** The state of a run as its workflow knows it; everything shown or recorded of a run is made from it. */
import { catalogCounts, type CatalogCounts } from '../../contract/catalog-counts';
import type { DownloadProgress } from '../../contract/download';
import type { Obstacle } from '../../contract/obstacle';
import type { ParseCatalogResult, PublishSnapshotResult, RunRecord } from '../../contract/payloads';
import type { StepName } from '../../contract/run-input';
import {
  FINAL_STATES,
  type RunEntry,
  type RunState,
  type StepRecord,
  type StepState,
} from '../../contract/run-record';
import type { FailureCause } from '../obstacles/failure-cause';
import { sequenceAfter } from '../reporting/progress-sequence';
import { entryOf } from '../reporting/run-entry';

/** Why a step is in its state: its failure, or what an operator said. */
export interface StepReason {
  readonly code: string | null;
  readonly detail: string;
}

interface RunIdentity {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
}

/** Mutable, one a run: the workflow writes it, details, records and queries read it. */
export class RunTracker {
  state: RunState = 'running';
  failure: FailureCause | null = null;
  /** No step starts, and no image either. */
  isPaused = false;
  endedAt: string | null = null;
  parsed: ParseCatalogResult | null = null;
  download: DownloadProgress | null = null;
  published: PublishSnapshotResult | null = null;
  /** When a parked run gives up; null: never. */
  parkedUntil: string | null = null;
  /** The search attributes as they were set last. */
  shownAttributes = '';
  /** In the way of the step that runs. */
  obstacle: Obstacle | null = null;
  private sequence = 0;
  private current: StepName | null = null;
  private readonly steps = new Map<StepName, StepRecord>();

  constructor(readonly identity: RunIdentity) {}

  /** The steps that the input selects, which is known only when it has been checked. */
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

  /** Notes that a step entered a state; why, with `parked`, `failed` and `skipped`. */
  note(name: StepName, state: StepState, reason: StepReason | null = null): void {
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

  /** The number of the next record of progress, this run's or its child's. */
  nextSequence(): number {
    this.sequence = sequenceAfter(this.sequence, this.download?.sequence ?? 0);
    return this.sequence;
  }

  stepRecords(): readonly StepRecord[] {
    return [...this.steps.values()];
  }

  currentStep(): StepRecord | null {
    return this.current === null ? null : (this.steps.get(this.current) ?? null);
  }

  /** The state with what keeps a running one from moving. */
  shownState(): RunState {
    if (this.state !== 'running') return this.state;
    if (this.isPaused) return 'paused';
    const step = this.currentStep();
    const isDownloading = step?.name === 'download' && step.state === 'running';
    return isDownloading && this.download?.state === 'waiting' ? 'waiting' : 'running';
  }

  /** True when nothing that an operator says can change how it ends. */
  isEnding(): boolean {
    return this.endedAt !== null || this.state === 'cancelling' || FINAL_STATES.has(this.state);
  }

  /** As `etl_run` and `etl_step` record it. */
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
    if (step !== 'download' || this.download === null) return {};
    const { stored, notModified, failed } = this.download.counts;
    return { doneCount: stored + notModified, failedCount: failed };
  }

  /** What became of the catalog's rows; null until the catalog has been read. */
  catalog(): CatalogCounts | null {
    return this.parsed === null ? null : catalogCounts(this.parsed);
  }

  /** As progress.json, `status` and the query `progress` tell it. */
  entry(): RunEntry {
    return entryOf({
      ...this.identity,
      state: this.shownState(),
      step: this.currentStep(),
      obstacle: this.obstacle,
      counts: this.download?.counts ?? null,
      ratePerSecond: 0,
    });
  }
}
