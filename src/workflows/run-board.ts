/** The state of a run as its workflow knows it; everything shown or recorded of a run is made from it. */
import type { DownloadProgress } from '../contract/download';
import type { Obstacle } from '../contract/obstacle';
import type { ParseCatalogResult, PublishSnapshotResult, RunRecord } from '../contract/payloads';
import type { StepName } from '../contract/run-input';
import type { RunEntry, RunState, StepRecord, StepState } from '../contract/run-record';
import type { FailureCause } from './failure-cause';
import { entryOf } from './run-entry';

interface RunIdentity {
  readonly runId: string;
  readonly workflowId: string;
  readonly startedAt: string;
}

/** Mutable, one a run: the workflow writes it, details, records and queries read it. */
export class RunBoard {
  state: RunState = 'running';
  failure: FailureCause | null = null;
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
  /** Counts records of progress; see PROGRESS_SEQUENCE_STRIDE. */
  records = 0;
  private current: StepName | null = null;
  private readonly steps = new Map<StepName, StepRecord>();

  constructor(
    readonly identity: RunIdentity,
    steps: readonly StepName[],
  ) {
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

  /** Notes that a step entered a state; its failure with `parked` and `failed`. */
  note(name: StepName, state: StepState, failure: FailureCause | null = null): void {
    const before = this.steps.get(name);
    const now = new Date().toISOString();
    const isOver = state === 'completed' || state === 'failed' || state === 'skipped';
    this.current = name;
    this.obstacle = null;
    this.steps.set(name, {
      name,
      state,
      code: failure?.code ?? null,
      detail: failure?.detail ?? null,
      startedAt: before?.startedAt ?? now,
      endedAt: isOver ? now : null,
    });
  }

  stepRecords(): readonly StepRecord[] {
    return [...this.steps.values()];
  }

  currentStep(): StepRecord | null {
    return this.current === null ? null : (this.steps.get(this.current) ?? null);
  }

  /** As `etl_run` and `etl_step` record it. */
  record(): RunRecord {
    return {
      ...this.identity,
      state: this.state,
      code: this.failure?.code ?? null,
      detail: this.failure?.detail ?? null,
      endedAt: this.endedAt,
      steps: this.stepRecords(),
    };
  }

  /** As progress.json, `status` and the query `progress` tell it. */
  entry(): RunEntry {
    return entryOf({
      ...this.identity,
      state:
        this.state === 'running' && this.download?.state === 'waiting' ? 'waiting' : this.state,
      step: this.currentStep(),
      obstacle: this.obstacle,
      counts: this.download?.counts ?? null,
      ratePerSecond: 0,
    });
  }
}
