/** What a download child knows of its progress, and how it tells the disk, the parent and the Web UI. */
import {
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { DownloadImagesInput, DownloadProgress, DownloadSteering } from '../contract/download';
import { SIGNAL_DOWNLOAD_PROGRESS } from '../contract/operator';
import { isBlocking, type Obstacle } from '../contract/obstacle';
import type { CommitLedgersResult } from '../contract/payloads';
import type { RunCounts } from '../contract/run-record';
import { recordActivities } from './activity-proxies';
import { explained } from './explained';
import { obstacleWords } from './obstacle-words';
import { entryOf } from './run-entry';

const progressSignal = defineSignal<[DownloadProgress]>(SIGNAL_DOWNLOAD_PROGRESS);

/** Signals to the parent come at least so far apart, and ever sparser in a long run: some 200 in a day. **Units** ms, share of the run. */
const SIGNAL_EVERY_MS = 10_000;
const SIGNAL_SHARE = 0.03;

/** An obstacle that stays is recorded again, so that `status` does not take the run for cut off. **Units** ms. */
const RECORD_AGAIN_MS = 120_000;

/** For the last write of a child that ends: what is blocked is left to the next run. */
export interface Hurry {
  readonly lateSeconds: number;
  giveUp(): void;
}

/** What the child is at, whether or not it is paused or cancelled meanwhile. */
type Phase = 'running' | 'waiting';

export class DownloadBoard {
  counts: RunCounts;
  codes: DownloadProgress['codes'];
  sequence: number;
  /** Hosts that wait, and until when; shown to people. */
  readonly waiting = new Map<string, string>();
  obstacle: Obstacle | null;
  steering: DownloadSteering;
  /** The run was cancelled: what is left is the flush. */
  isCancelling = false;
  /** Batches in flight. */
  batches = 0;
  private state: Phase = 'running';
  private words = '';
  private toldAt = 0;
  private signalledAt = 0;
  /** The words of the obstacle that the parent knows of. */
  private signalledObstacle: string | null;
  private readonly startedAt = Date.now();
  private readonly doneBefore: number;

  constructor(readonly input: DownloadImagesInput) {
    const before = input.cursor?.progress;
    this.counts = before?.counts ?? {
      planned: 0,
      stored: 0,
      notModified: 0,
      failed: 0,
      bytes: 0,
      requests: 0,
    };
    this.codes = before?.codes ?? {};
    this.obstacle = before?.obstacle ?? null;
    this.signalledObstacle = this.obstacle?.words ?? null;
    this.sequence = input.sequence;
    this.steering = input.steering;
    this.doneBefore = this.done();
  }

  progress(phase: Phase, words: string): DownloadProgress {
    const state = this.shownState(phase);
    return { state, words, counts: this.counts, codes: this.codes, obstacle: this.obstacle };
  }

  private shownState(phase: Phase): DownloadProgress['state'] {
    if (this.isCancelling) return 'cancelling';
    return this.steering.isPaused ? 'paused' : phase;
  }

  /** What operators want from now on; the window of lanes goes by it. */
  async steer(steering: DownloadSteering): Promise<void> {
    this.steering = steering;
    await this.tell(this.state, this.words);
  }

  /** Waits for an activity of the warehouse; while it is late, everybody is told what is in its way. */
  async awaitWrite<T>(activity: string, work: () => Promise<T>, hurry?: Hurry): Promise<T> {
    const { warehouseId, runId, tuning } = this.input;
    const lateSeconds = Math.min(hurry?.lateSeconds ?? Infinity, tuning.lateSeconds);
    const show = async (obstacle: Obstacle | null): Promise<void> => {
      await this.meet(obstacle);
      if (isBlocking(obstacle)) hurry?.giveUp();
    };
    const value = await explained(
      { warehouseId, runId, queue: 'warehouse', activity, lateSeconds, show },
      work,
    );
    await this.meet(null);
    return value;
  }

  /** Current details are lost when a workflow continues as new. */
  showAgain(): void {
    setCurrentDetails(this.details(this.progress('running', 'downloading')));
  }

  private async meet(obstacle: Obstacle | null): Promise<void> {
    const isNews = obstacle?.words !== this.obstacle?.words;
    this.obstacle = obstacle;
    const isOld = obstacle !== null && Date.now() - this.toldAt > RECORD_AGAIN_MS;
    if (isNews || isOld) await this.tell(this.state, this.words);
  }

  /** Takes the counts of a commit over; the plan's size is known here only. */
  take(result: CommitLedgersResult): void {
    if (result.run !== null) this.counts = { ...result.run, planned: this.counts.planned };
    this.codes = result.codes;
  }

  /** Tells the Web UI, the disk, and now and then the parent. */
  async tell(phase: Phase, words: string): Promise<void> {
    this.state = phase;
    this.words = words;
    this.toldAt = Date.now();
    const progress = this.progress(phase, words);
    setCurrentDetails(this.details(progress));
    await this.record(progress.state);
    if (this.isSignalDue()) await this.signal(progress);
  }

  /** Before the child fails or is cancelled: no result will carry its counts to the parent. */
  async tellParent(words: string): Promise<void> {
    await this.signal(this.progress('running', words));
  }

  private async record(state: DownloadProgress['state']): Promise<void> {
    const { warehouseId, runId, workflowId, startedAt } = this.input;
    const seconds = (Date.now() - this.startedAt) / 1_000;
    const step = { name: 'download', state: 'running', code: null, detail: null } as const;
    const ratePerSecond = seconds > 0 ? (this.done() - this.doneBefore) / seconds : 0;
    const entry = entryOf({
      runId,
      workflowId,
      startedAt,
      state,
      step,
      obstacle: this.obstacle,
      counts: this.counts,
      ratePerSecond,
    });
    this.sequence += 1;
    await recordActivities().recordProgress({
      warehouseId,
      runId,
      progress: { v: 1, sequence: this.sequence, ...entry },
    });
  }

  private isSignalDue(): boolean {
    if (this.signalledObstacle !== (this.obstacle?.words ?? null)) return true;
    const now = Date.now();
    const runFor = now - Date.parse(this.input.startedAt);
    return now - this.signalledAt >= Math.max(SIGNAL_EVERY_MS, runFor * SIGNAL_SHARE);
  }

  private async signal(progress: DownloadProgress): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    this.signalledAt = Date.now();
    this.signalledObstacle = progress.obstacle?.words ?? null;
    // A parent that is gone (terminated) needs no news; the child goes on to its flush.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(progressSignal, progress)
      .catch(() => undefined);
  }

  private details({ state, words, counts, codes, obstacle }: DownloadProgress): string {
    const failures = Object.entries(codes).map(([code, count]) => `${code} ${count}`);
    const waits = [...this.waiting].map(
      ([host, until]) => `- ${host} asked us to wait until ${until}`,
    );
    return [
      `**${state}** · ${words}`,
      '',
      `${counts.stored} stored, ${counts.notModified} not modified, ${counts.failed} failed of ${counts.planned} planned`,
      failures.length > 0 ? `failed: ${failures.join(', ')}` : '',
      ...waits,
      obstacle === null ? '' : `\n${obstacleWords(obstacle, state)}`,
    ].join('\n');
  }

  private done(): number {
    return this.counts.stored + this.counts.notModified + this.counts.failed;
  }
}
