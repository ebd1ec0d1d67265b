/** What a download child knows of its progress, and how it tells the disk, the parent and the Web UI. */
import { isCancellation, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type {
  DownloadImagesInput,
  DownloadProgress,
  DownloadSteering,
} from '../../contract/download';
import { isBlocking, type Obstacle } from '../../contract/obstacle';
import type { CommitLedgersResult } from '../../contract/payloads';
import type { RunCounts } from '../../contract/run-record';
import type { QueueName } from '../../contract/task-queues';
import { recordActivities } from '../activity-proxies';
import { downloadDetails } from '../reporting/download-details';
import { withDiagnosis } from '../obstacles/with-diagnosis';
import { WaitingHosts } from './waiting-hosts';
import { waitsText } from '../reporting/host-text';
import { ParentSignals } from '../reporting/parent-signals';
import { isUnservedPlanQueue } from '../obstacles/unserved-plan-queue';
import { PlanQueueLiveness } from '../obstacles/plan-queue-liveness';
import { sequenceAfter } from '../reporting/progress-sequence';
import { RunningBatches } from './running-batches';
import { downloadEntryOf, NOTHING } from '../reporting/run-entry';

/** An obstacle that stays is recorded again, so that `status` does not take the run for cut off. **Units** ms. */
const RECORD_AGAIN_MS = 120_000;

/** Waits for hosts are recorded at least so far apart, and ever sparser. **Units** ms, share of the child's time. */
const HOSTS_EVERY_MS = 2_000;
const HOSTS_SHARE = 0.03;

/** For the last write of a child that ends: what is blocked is left to the next run. */
export interface Hurry {
  readonly lateSeconds: number;
  giveUp(): void;
}

/** What the child is at, whether or not it is paused or cancelled meanwhile. */
type Phase = 'running' | 'waiting';

export class DownloadTracker {
  counts: RunCounts;
  codes: DownloadProgress['codes'];
  sequence: number;
  readonly hosts = new WaitingHosts();
  steering: DownloadSteering;
  /** The run was cancelled: what is left is the flush. */
  isCancelling = false;
  readonly batches = new RunningBatches();
  /** What is in the way, by the queue whose activity waits. */
  private readonly obstacles = new Map<QueueName, Obstacle>();
  readonly plan: PlanQueueLiveness;
  private lastCommit: DownloadProgress['lastCommit'];
  private state: Phase = 'running';
  private words = '';
  private toldAt = 0;
  private readonly parent: ParentSignals;
  private readonly startedAt = Date.now();
  private readonly doneBefore: number;
  private ratePerSecond = 0;
  private takenAt = Date.now();
  private workedMs = 0;

  constructor(readonly input: DownloadImagesInput) {
    const before = input.cursor?.progress;
    this.counts = before?.counts ?? NOTHING;
    this.codes = before?.codes ?? {};
    this.lastCommit = before?.lastCommit ?? null;
    if (before?.obstacle) this.obstacles.set(before.obstacle.queue, before.obstacle);
    this.parent = new ParentSignals(input.startedAt, before);
    this.plan = new PlanQueueLiveness(input.tuning.lateSeconds, (silence) =>
      this.meetSilence(silence),
    );
    this.sequence = input.sequence;
    this.steering = input.steering;
    this.doneBefore = this.done();
  }

  progress(phase: Phase, words: string): DownloadProgress {
    const { counts, codes, obstacle, lastCommit, sequence } = this;
    return {
      ...{ state: this.shownState(phase), words, counts, codes, obstacle, lastCommit, sequence },
      ...this.hosts.progress(this.batches.lanes()),
    };
  }

  private shownState(phase: Phase): DownloadProgress['state'] {
    if (this.isCancelling) return 'cancelling';
    return this.steering.isPaused ? 'paused' : phase;
  }

  /**
   * What operators want from now on; the window of lanes goes by it. Told without waiting: called by a signal's handler, in which
   * a failure, or a cancel, would end the workflow without its flush.
   */
  steer(steering: DownloadSteering): void {
    this.steering = steering;
    this.tellInPassing('the steering');
  }

  /** The one that matters most: without the plan queue nothing is told, without the warehouse nothing is committed. */
  get obstacle(): Obstacle | null {
    const { obstacles } = this;
    return obstacles.get('plan') ?? obstacles.get('warehouse') ?? obstacles.get('download') ?? null;
  }

  /** In the way of a write. */
  get writeObstacle(): Obstacle | null {
    return this.obstacles.get('warehouse') ?? null;
  }

  /** Waits for an activity of the warehouse; while it is late, everybody is told what is in its way. */
  awaitWrite<T>(activity: string, work: () => Promise<T>, hurry?: Hurry): Promise<T> {
    return this.explain({ queue: 'warehouse', activity, hurry }, work);
  }

  /** The same for a long activity of the plan queue. */
  awaitPlan<T>(activity: string, work: () => Promise<T>): Promise<T> {
    return this.explain({ queue: 'plan', activity, hurry: undefined }, work);
  }

  /** Waits for a short activity of the plan queue; says so where it is not answered. */
  ask<T>(work: () => Promise<T>): Promise<T> {
    return this.plan.ask(work);
  }

  private async explain<T>(
    awaited: { queue: QueueName; activity: string; hurry: Hurry | undefined },
    work: () => Promise<T>,
  ): Promise<T> {
    const { warehouseId, runId, tuning } = this.input;
    const { queue, activity, hurry } = awaited;
    const lateSeconds = Math.min(hurry?.lateSeconds ?? Infinity, tuning.lateSeconds);
    const show = async (obstacle: Obstacle | null): Promise<void> => {
      await this.meet(queue, obstacle);
      if (isBlocking(obstacle)) hurry?.giveUp();
    };
    const value = await withDiagnosis(
      { warehouseId, runId, queue, activity, plan: this.plan, lateSeconds, show },
      work,
    );
    await this.meet(queue, null);
    return value;
  }

  /** Current details are lost when a workflow continues as new. */
  showAgain(): void {
    this.words = 'downloading';
    this.show();
  }

  /** Takes over what a look has found in the way of a queue's activity, and tells it when it is news. */
  async meet(queue: QueueName, obstacle: Obstacle | null): Promise<void> {
    if (isUnservedPlanQueue(obstacle)) {
      await this.meetSilence(obstacle);
      return;
    }
    const isNews = obstacle?.words !== this.obstacles.get(queue)?.words;
    if (obstacle === null) this.obstacles.delete(queue);
    else this.obstacles.set(queue, obstacle);
    if (queue === 'plan') this.phaseOf(obstacle);
    const isOld = obstacle !== null && Date.now() - this.toldAt > RECORD_AGAIN_MS;
    if (isNews || isOld) await this.tell(this.state, this.words);
  }

  private phaseOf(obstacle: Obstacle | null): void {
    this.state = obstacle?.kind === 'lease' ? 'waiting' : 'running';
    if (this.state === 'waiting')
      this.words = 'waiting until no other run downloads into this data root';
  }

  /** What was in the way of a queue's activity is no more; told with the next commit. */
  forget(queue: QueueName): void {
    this.obstacles.delete(queue);
  }

  /** Without an activity: none would be answered. */
  private async meetSilence(silence: Obstacle | null): Promise<void> {
    if (silence !== null) this.obstacles.set('plan', silence);
    else if (isUnservedPlanQueue(this.obstacles.get('plan') ?? null)) this.obstacles.delete('plan');
    this.show();
    await this.parent.tellWhenDue(this.progress(this.state, this.words));
  }

  /**
   * What was in the way of the batch is no more, unless it is in the way of another lane's alone. Told at once: who reads that
   * nobody serves the downloads starts another worker.
   */
  batchEnded(lane: string): void {
    this.batches.ended(lane);
    const obstacle = this.obstacles.get('download');
    if (obstacle === undefined) return;
    if (obstacle.activityId !== undefined && !obstacle.activityId.startsWith(`${lane}.`)) return;
    this.forget('download');
    this.tellInPassing('the end of an obstacle');
  }

  /** Takes the counts of a commit over, and the rate up to it; the plan's size is known here only. */
  take(result: CommitLedgersResult): void {
    if (result.run !== null) this.counts = { ...result.run, planned: this.counts.planned };
    this.codes = result.codes;
    // Time in which every host was waited for says nothing about the rate of the rest.
    if (result.applied > 0) this.workedMs += Date.now() - this.takenAt;
    this.takenAt = Date.now();
    const seconds = this.workedMs / 1_000;
    this.ratePerSecond = seconds > 0 ? (this.done() - this.doneBefore) / seconds : 0;
    this.lastCommit = { at: new Date().toISOString(), outcomes: result.applied };
  }

  /** Tells the Web UI, the disk, and now and then the parent. */
  async tell(phase: Phase, words: string): Promise<void> {
    this.state = phase;
    this.words = words;
    this.toldAt = Date.now();
    this.show();
    await this.record(this.shownState(phase));
    await this.parent.tellWhenDue(this.progress(phase, words));
  }

  /** A lane waits for a host now, or goes on: told when little was told lately, for with many such hosts there is always one. */
  hostsChanged(): void {
    this.show();
    const runFor = Date.now() - this.startedAt;
    if (Date.now() - this.toldAt < Math.max(HOSTS_EVERY_MS, runFor * HOSTS_SHARE)) return;
    this.tellInPassing('a wait');
  }

  /** Without waiting for it, nor failing with it. */
  private tellInPassing(news: string): void {
    this.tell(this.state, this.words).catch((error: unknown) => {
      if (!isCancellation(error)) log.warn(`${news} was not told`, { error: String(error) });
    });
  }

  /** Before the child fails or is cancelled: no result will carry its counts to the parent. */
  async tellParent(words: string): Promise<void> {
    await this.parent.tell(this.progress('running', words));
  }

  private async record(state: DownloadProgress['state']): Promise<void> {
    const { warehouseId, runId } = this.input;
    const { obstacle, counts, ratePerSecond } = this;
    const hosts = this.hosts.progress(this.batches.lanes());
    const until = hosts.waits.longest[0]?.until ?? null;
    const waits = { until, isNetworkGone: hosts.isNetworkGone };
    const entry = downloadEntryOf(
      this.input,
      { state, obstacle, counts, ratePerSecond, waits },
      waitsText(hosts),
    );
    this.sequence = sequenceAfter(this.sequence);
    // The parent's: with its end the run ends, with its reset the run lives again.
    const life = workflowInfo().parent?.runId;
    const progress = { v: 1, sequence: this.sequence, life, ...entry } as const;
    await this.ask(() =>
      recordActivities().recordProgress.executeWithOptions(
        { summary: 'record the progress on disk' },
        [{ warehouseId, runId, progress }],
      ),
    );
  }

  private show(): void {
    setCurrentDetails(
      downloadDetails({
        workflowId: this.input.workflowId,
        now: new Date().toISOString(),
        progress: this.progress(this.state, this.words),
        obstacles: [...this.obstacles.values()],
        batches: this.batches.running,
      }),
    );
  }

  private done(): number {
    return this.counts.stored + this.counts.notModified + this.counts.failed;
  }
}
