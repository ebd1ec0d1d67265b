/**
 * The progress of a download child, and its reports to the disk, to the parent and to the Web UI.
 */
import { isCancellation, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type {
  DownloadImagesInput,
  DownloadProgress,
  DownloadSteering,
} from '../../contract/download-workflow';
import { SIGNAL_DOWNLOAD_PROGRESS } from '../../contract/operator';
import type { Obstacle } from '../../contract/obstacle';
import type { CommitLedgersResult } from '../../contract/payloads';
import { NO_OUTCOMES, type RunCounts } from '../../contract/run-record';
import type { QueueName } from '../../contract/task-queues';
import { recordActivities } from '../activity-proxies';
import { awaitInChild, type FlushLimits } from '../flushing-child';
import { downloadDetails } from '../reporting/download-details';
import { WaitingHosts } from './waiting-hosts';
import { ParentSignals } from '../reporting/parent-signals';
import { isUnservedPlanQueue } from '../obstacles/unserved-plan-queue';
import { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import { sequenceAfter } from '../reporting/sequence-after';
import { RunningBatches } from './running-batches';
import { downloadEntry } from '../reporting/run-entry';

/**
 * An obstacle that stays is recorded again after this time, so that `status` does not consider the
 * run cut off. In milliseconds.
 */
const RECORD_AGAIN_MS = 120_000;

/**
 * The shortest pause between records of waits for hosts. It grows with the age of the child. In
 * milliseconds, and as a share of that age.
 */
const HOSTS_EVERY_MS = 2_000;
const HOSTS_SHARE = 0.03;

/** What the child is doing, apart from being paused or cancelled. */
type Phase = 'running' | 'waiting';

export class DownloadTracker {
  counts: RunCounts;
  codes: DownloadProgress['codes'];
  sequence: number;
  readonly hosts: WaitingHosts;
  steering: DownloadSteering;
  unknownIds: DownloadProgress['unknownIds'];
  /** The run was cancelled, and only the flush is left. */
  isCancelling = false;
  readonly batches = new RunningBatches();
  /** The obstacles, by the queue whose activity waits. */
  private readonly obstacles = new Map<QueueName, Obstacle>();
  readonly plan: PlanQueueLiveness;
  private lastCommit: DownloadProgress['lastCommit'];
  private state: Phase = 'running';
  private words = '';
  private reportedAt = 0;
  private readonly parent: ParentSignals<DownloadProgress>;
  private readonly startedAt = Date.now();
  private readonly doneAtStart: number;
  private ratePerSecond = 0;
  private countedAt = Date.now();
  private workedMs = 0;

  constructor(readonly input: DownloadImagesInput) {
    const before = input.cursor?.progress;
    this.counts = before?.counts ?? NO_OUTCOMES;
    this.hosts = new WaitingHosts(before?.refused);
    this.unknownIds = before?.unknownIds;
    this.codes = before?.codes ?? {};
    this.lastCommit = before?.lastCommit ?? null;
    if (before?.obstacle) this.obstacles.set(before.obstacle.queue, before.obstacle);
    this.parent = new ParentSignals(SIGNAL_DOWNLOAD_PROGRESS, input.startedAt, before);
    this.plan = new PlanQueueLiveness(input.tuning.lateSeconds, (silence) =>
      this.setSilence(silence),
    );
    this.plan.dataRoot = input.place?.dataRoot ?? null;
    this.sequence = input.sequence;
    this.steering = input.steering;
    this.doneAtStart = this.doneCount();
  }

  progress(phase: Phase, words: string): DownloadProgress {
    const { counts, codes, obstacle, lastCommit, sequence } = this;
    return {
      state: this.shownState(phase),
      words,
      counts,
      codes,
      obstacle,
      lastCommit,
      sequence,
      ...(this.unknownIds === undefined ? {} : { unknownIds: this.unknownIds }),
      ...this.hosts.progress(this.batches.lanes()),
    };
  }

  private shownState(phase: Phase): DownloadProgress['state'] {
    if (this.isCancelling) return 'cancelling';
    return this.steering.isPaused ? 'paused' : phase;
  }

  /**
   * Sets what operators want from now on, which the window of lanes obeys. Reports without waiting,
   * because it is called by a signal's handler, in which a failure or a cancellation would end the
   * workflow without its flush.
   */
  steer(steering: DownloadSteering): void {
    this.steering = steering;
    this.reportInBackground('the steering');
  }

  /**
   * The most important obstacle. Without the plan queue nothing is reported, and without the
   * warehouse nothing is committed.
   */
  get obstacle(): Obstacle | null {
    const { obstacles } = this;
    return obstacles.get('plan') ?? obstacles.get('warehouse') ?? obstacles.get('download') ?? null;
  }

  /** The obstacle in the way of a write. */
  get writeObstacle(): Obstacle | null {
    return this.obstacles.get('warehouse') ?? null;
  }

  /** Waits for an activity of the warehouse. While it is late, reports what is in its way. */
  awaitWrite<T>(activity: string, work: () => Promise<T>, flushLimits?: FlushLimits): Promise<T> {
    return this.awaitDiagnosed({ queue: 'warehouse', activity, flushLimits }, work);
  }

  /** The same for a long activity of the plan queue. */
  awaitPlan<T>(activity: string, work: () => Promise<T>): Promise<T> {
    return this.awaitDiagnosed({ queue: 'plan', activity, flushLimits: undefined }, work);
  }

  /** Waits for a short activity of the plan queue, and reports when it gets no answer. */
  ask<T>(work: () => Promise<T>): Promise<T> {
    return this.plan.ask(work);
  }

  private async awaitDiagnosed<T>(
    awaited: { queue: QueueName; activity: string; flushLimits: FlushLimits | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const value = await awaitInChild(this, awaited, work, awaited.flushLimits);
    await this.setObstacle(awaited.queue, null);
    return value;
  }

  /** Shows the details again, because a workflow loses them when it continues as new. */
  restoreDetails(): void {
    this.words = 'downloading';
    this.showDetails();
  }

  /**
   * Records the obstacle that a diagnosis has found for a queue's activity, and reports it when it
   * has changed or was reported long ago.
   */
  async setObstacle(queue: QueueName, obstacle: Obstacle | null): Promise<void> {
    if (isUnservedPlanQueue(obstacle)) {
      await this.setSilence(obstacle);
      return;
    }
    const hasChanged = obstacle?.words !== this.obstacles.get(queue)?.words;
    if (obstacle === null) this.obstacles.delete(queue);
    else this.obstacles.set(queue, obstacle);
    if (queue === 'plan') this.updatePhase(obstacle);
    const isOld = obstacle !== null && Date.now() - this.reportedAt > RECORD_AGAIN_MS;
    if (hasChanged || isOld) await this.report(this.state, this.words);
  }

  private updatePhase(obstacle: Obstacle | null): void {
    this.state = obstacle?.kind === 'lease' ? 'waiting' : 'running';
    if (this.state === 'waiting')
      this.words = 'waiting until no other run downloads into this data root';
  }

  /** Removes the obstacle of a queue's activity. The next commit reports that. */
  clearObstacle(queue: QueueName): void {
    this.obstacles.delete(queue);
  }

  /** Reports without an activity, because none would get an answer. */
  private async setSilence(silence: Obstacle | null): Promise<void> {
    if (silence !== null) this.obstacles.set('plan', silence);
    else if (isUnservedPlanQueue(this.obstacles.get('plan') ?? null)) this.obstacles.delete('plan');
    this.showDetails();
    await this.parent.sendWhenDue(this.progress(this.state, this.words));
  }

  /**
   * Ends the batch of a lane and removes its obstacle, unless only another lane's batch has it.
   * Reports at once, because a user who reads that no worker polls the queue starts another worker.
   */
  endBatch(lane: string): void {
    this.batches.end(lane);
    const obstacle = this.obstacles.get('download');
    if (obstacle === undefined) return;
    if (obstacle.activityId !== undefined && !obstacle.activityId.startsWith(`${lane}.`)) return;
    this.clearObstacle('download');
    this.reportInBackground('the end of an obstacle');
  }

  /**
   * Takes the counts of a commit over, and the rate up to it. Only this class knows the size of the
   * plan.
   */
  applyCommit(result: CommitLedgersResult): void {
    if (result.run !== null) this.counts = { ...result.run, planned: this.counts.planned };
    this.codes = result.codes;
    // Time in which every host was waited for must not lower the rate of the rest.
    if (result.applied > 0) this.workedMs += Date.now() - this.countedAt;
    this.countedAt = Date.now();
    const seconds = this.workedMs / 1_000;
    this.ratePerSecond = seconds > 0 ? (this.doneCount() - this.doneAtStart) / seconds : 0;
    this.lastCommit = { at: new Date().toISOString(), outcomes: result.applied };
  }

  /** Reports to the Web UI, to the disk, and now and then to the parent. */
  async report(phase: Phase, words: string): Promise<void> {
    this.state = phase;
    this.words = words;
    this.reportedAt = Date.now();
    this.showDetails();
    await this.recordProgress(this.shownState(phase));
    await this.parent.sendWhenDue(this.progress(phase, words));
  }

  /**
   * Reports that a lane waits for a host now or continues, unless there was a report a short time
   * ago: with many such hosts there is always one.
   */
  reportHostChange(): void {
    this.showDetails();
    const runFor = Date.now() - this.startedAt;
    if (Date.now() - this.reportedAt < Math.max(HOSTS_EVERY_MS, runFor * HOSTS_SHARE)) return;
    this.reportInBackground('a wait');
  }

  /** Reports without waiting for it or failing with it. */
  reportInBackground(subject: string, words = this.words): void {
    this.report(this.state, words).catch((error: unknown) => {
      if (!isCancellation(error)) log.warn(`${subject} was not reported`, { error: String(error) });
    });
  }

  /**
   * Reports to the parent before the child fails or is cancelled, because no result will carry its
   * counts then.
   */
  async reportToParent(words: string): Promise<void> {
    await this.parent.send(this.progress('running', words));
  }

  private async recordProgress(state: DownloadProgress['state']): Promise<void> {
    const { warehouseId, runId } = this.input;
    const { obstacle, counts, ratePerSecond } = this;
    const hosts = this.hosts.progress(this.batches.lanes());
    const entry = downloadEntry(this.input, { state, obstacle, counts, ratePerSecond }, hosts);
    this.sequence = sequenceAfter(this.sequence);
    // The parent's workflow execution: when it ends the run ends, and when it is reset the run
    // continues.
    const executionId = workflowInfo().parent?.runId;
    const progress = { v: 1, sequence: this.sequence, life: executionId, ...entry } as const;
    await this.ask(() =>
      recordActivities().recordProgress.executeWithOptions(
        { summary: 'record the progress on disk' },
        [{ warehouseId, runId, progress }],
      ),
    );
  }

  private showDetails(): void {
    setCurrentDetails(
      downloadDetails({
        workflowId: this.input.workflowId,
        server: this.input.place?.server ?? null,
        now: new Date().toISOString(),
        progress: this.progress(this.state, this.words),
        obstacles: [...this.obstacles.values()],
        batches: this.batches.running,
      }),
    );
  }

  private doneCount(): number {
    return this.counts.stored + this.counts.notModified + this.counts.failed;
  }
}
