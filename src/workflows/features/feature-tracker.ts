/**
 * The progress of a child that computes features, and its reports to the disk, the run and the Web
 * UI.
 */
import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { DownloadSteering } from '../../contract/download-workflow';
import type {
  CommitFeaturesResult,
  FeatureRunCounts,
  PlanFeaturesResult,
} from '../../contract/features/feature-payloads';
import type {
  ComputeFeaturesInput,
  FeatureProgress,
} from '../../contract/features/feature-workflow';
import { inline, moment, page } from '../../contract/markdown';
import type { Obstacle } from '../../contract/obstacle';
import { SIGNAL_FEATURE_PROGRESS } from '../../contract/operator';
import type { QueueName } from '../../contract/task-queues';
import { recordActivities } from '../activity-proxies';
import { RunningBatches } from '../download/running-batches';
import { awaitInChild, type FlushLimits } from '../flushing-child';
import { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import { isUnservedPlanQueue } from '../obstacles/unserved-plan-queue';
import { featuresSection, obstacleSection } from '../reporting/details-sections';
import { featuresEntry } from '../reporting/features-entry';
import { ParentSignals } from '../reporting/parent-signals';
import { runEntry } from '../reporting/run-entry';
import { sequenceAfter } from '../reporting/sequence-after';
import { featureRate, featureSecondsLeft, type FeatureWork } from './feature-rate';

/** Mutable; each workflow execution of the child has one. */
export class FeatureTracker {
  planned: number;
  steering: DownloadSteering;
  sequence: number;
  /** The run was cancelled, and only the flush is left. */
  isCancelling = false;
  readonly batches = new RunningBatches();
  readonly plan: PlanQueueLiveness;
  private counts: FeatureRunCounts;
  private codes: FeatureProgress['codes'];
  private words = '';
  private obstacle: Obstacle | null;
  private readonly parent: ParentSignals<FeatureProgress>;
  /** The files that were done when this execution began to compute. */
  private doneAtStart = 0;
  /** When the last commit was taken over, or computing began or was resumed. */
  private countedAt = Date.now();
  private workedMs = 0;
  /** The rate before this execution of the workflow, in files a second; 0: unknown. */
  private formerRate: number;
  /** An estimate of the time for all planned files, in seconds. */
  private expectedSeconds: number | null = null;

  constructor(readonly input: ComputeFeaturesInput) {
    const before = input.cursor?.progress;
    this.planned = before?.planned ?? 0;
    this.counts = { computed: before?.computed ?? 0, failed: before?.failed ?? 0 };
    this.codes = before?.codes ?? {};
    this.obstacle = before?.obstacle ?? null;
    this.doneAtStart = this.doneCount();
    this.formerRate = before?.ratePerSecond ?? 0;
    this.sequence = input.sequence;
    this.steering = input.steering;
    this.parent = new ParentSignals(SIGNAL_FEATURE_PROGRESS, input.startedAt, before);
    this.plan = new PlanQueueLiveness(input.tuning.lateSeconds, async (silence) => {
      if (silence !== null || isUnservedPlanQueue(this.obstacle)) this.obstacle = silence;
      await this.reportWithoutDisk();
    });
    this.plan.dataRoot = input.place?.dataRoot ?? null;
  }

  progress(): FeatureProgress {
    const { planned, counts, codes, obstacle, sequence, words } = this;
    const work = this.featureWork();
    return {
      state: this.isCancelling ? 'cancelling' : this.steering.isPaused ? 'paused' : 'running',
      words,
      planned,
      ...counts,
      codes,
      ratePerSecond: Math.round(featureRate(work) * 10) / 10,
      secondsLeft: planned === 0 ? null : featureSecondsLeft(work),
      obstacle,
      sequence,
    };
  }

  /**
   * Files of this plan that are done, and those that the run had done before it, are in the counts;
   * only the former belong to the plan.
   */
  startPlan(
    { planned, expectedSeconds }: Pick<PlanFeaturesResult, 'planned' | 'expectedSeconds'>,
    before: FeatureRunCounts | null,
  ): void {
    this.counts = before ?? this.counts;
    this.doneAtStart = this.doneCount();
    this.planned = this.doneAtStart + planned;
    this.countedAt = Date.now();
    this.workedMs = 0;
    this.formerRate = 0;
    this.expectedSeconds = expectedSeconds ?? null;
  }

  /**
   * Takes the steering over; called by a signal's handler, in which no failure may end the
   * workflow.
   */
  steer(steering: DownloadSteering): void {
    // Time in which the run was paused must not lower the rate.
    if (this.steering.isPaused && !steering.isPaused) this.countedAt = Date.now();
    this.steering = steering;
    this.report(this.words).catch((error: unknown) => {
      log.warn('the steering could not be reported', { error: String(error) });
    });
  }

  /** Waits for an activity. While it is late, reports what is in its way. */
  async awaitDiagnosed<T>(
    awaited: { readonly queue: QueueName; readonly activity: string },
    work: () => Promise<T>,
    flushLimits?: FlushLimits,
  ): Promise<T> {
    const value = await awaitInChild(this, awaited, work, flushLimits);
    this.clearObstacle(awaited.queue);
    return value;
  }

  /** Reports after every diagnosis, so that `status` does not consider the run cut off. */
  async setObstacle(queue: QueueName, obstacle: Obstacle | null): Promise<void> {
    if (obstacle === null) this.clearObstacle(queue);
    else this.obstacle = obstacle;
    if (isUnservedPlanQueue(obstacle)) await this.reportWithoutDisk();
    else await this.report(this.words);
  }

  clearObstacle(queue: QueueName): void {
    if (this.obstacle?.queue === queue) this.obstacle = null;
  }

  applyCommit({ run, codes }: CommitFeaturesResult): void {
    this.counts = run ?? this.counts;
    this.codes = codes;
    this.workedMs += Date.now() - this.countedAt;
    this.countedAt = Date.now();
  }

  /** Reports to the Web UI, to the disk, and now and then to the run. */
  async report(words: string): Promise<void> {
    this.words = words;
    this.showDetails();
    await this.recordProgress();
    await this.parent.sendWhenDue(this.progress());
  }

  /** The same, and to the run at once. */
  async reportToParent(words: string): Promise<void> {
    this.words = words;
    this.showDetails();
    await this.parent.send(this.progress());
  }

  showDetails(): void {
    const { workflowId } = this.input;
    const progress = this.progress();
    setCurrentDetails(
      page([
        `**${progress.state}** · ${inline(progress.words)}. (As of ${moment(new Date().toISOString())}.)`,
        obstacleSection(progress.obstacle, progress.state),
        featuresSection(progress),
        this.batches.running === 0 ? null : `Batches in flight: ${this.batches.running}.`,
        `These are the features of the run ${inline(workflowId)}. Its page says what you can do with it.`,
      ]),
    );
  }

  /** Reports without an activity, because none would get an answer. */
  private async reportWithoutDisk(): Promise<void> {
    this.showDetails();
    await this.parent.sendWhenDue(this.progress());
  }

  private async recordProgress(): Promise<void> {
    const { warehouseId, runId, workflowId, startedAt, counts } = this.input;
    const progress = this.progress();
    const { state, obstacle } = progress;
    const step = { name: 'features', state: 'running', code: null, detail: null } as const;
    const features = featuresEntry(progress);
    const known = { state, step, obstacle, counts, ratePerSecond: 0, features };
    const entry = runEntry({ runId, workflowId, startedAt, ...known });
    this.sequence = sequenceAfter(this.sequence);
    const executionId = workflowInfo().parent?.runId;
    const record = { v: 1, sequence: this.sequence, life: executionId, ...entry } as const;
    await this.plan.ask(() =>
      recordActivities().recordProgress.executeWithOptions(
        { summary: 'record the progress on disk' },
        [{ warehouseId, runId, progress: record }],
      ),
    );
  }

  private featureWork(): FeatureWork {
    const { workedMs, formerRate, expectedSeconds } = this;
    const left = Math.max(0, this.planned - this.doneCount());
    const done = this.doneCount() - this.doneAtStart;
    return { left, done, workedMs, formerRate, expectedSeconds };
  }

  private doneCount(): number {
    return this.counts.computed + this.counts.failed;
  }
}
