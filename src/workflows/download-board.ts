/** What a download child knows of its progress, and how it tells the disk, the parent and the Web UI. */
import {
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { DownloadImagesInput, DownloadProgress } from '../contract/download';
import { SIGNAL_DOWNLOAD_PROGRESS } from '../contract/operator';
import type { CommitLedgersResult } from '../contract/payloads';
import type { RunCounts } from '../contract/run-record';
import { recordActivities } from './activity-proxies';
import { entryOf } from './run-entry';

const progressSignal = defineSignal<[DownloadProgress]>(SIGNAL_DOWNLOAD_PROGRESS);

/** Signals to the parent come at least so far apart, and ever sparser in a long run: some 200 in a day. **Units** ms, share of the run. */
const SIGNAL_EVERY_MS = 10_000;
const SIGNAL_SHARE = 0.03;

export class DownloadBoard {
  counts: RunCounts;
  codes: DownloadProgress['codes'];
  sequence: number;
  /** Hosts that wait, and until when; shown to people. */
  readonly waiting = new Map<string, string>();
  private signalledAt = 0;
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
    this.sequence = input.sequence;
    this.doneBefore = this.done();
  }

  progress(state: DownloadProgress['state'], words: string): DownloadProgress {
    return { state, words, counts: this.counts, codes: this.codes };
  }

  /** Takes the counts of a commit over; the plan's size is known here only. */
  take(result: CommitLedgersResult): void {
    if (result.run !== null) this.counts = { ...result.run, planned: this.counts.planned };
    this.codes = result.codes;
  }

  /** Tells the Web UI, the disk, and now and then the parent. */
  async tell(state: DownloadProgress['state'], words: string): Promise<void> {
    const progress = this.progress(state, words);
    setCurrentDetails(this.details(progress));
    await this.record(state);
    if (this.isSignalDue()) await this.signal(progress);
  }

  /** Before the child fails or is cancelled: no result will carry its counts to the parent. */
  async tellParent(): Promise<void> {
    await this.signal(this.progress('running', 'flushed'));
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
    const now = Date.now();
    const runFor = now - Date.parse(this.input.startedAt);
    return now - this.signalledAt >= Math.max(SIGNAL_EVERY_MS, runFor * SIGNAL_SHARE);
  }

  private async signal(progress: DownloadProgress): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    this.signalledAt = Date.now();
    // A parent that is gone (terminated) needs no news; the child goes on to its flush.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(progressSignal, progress)
      .catch(() => undefined);
  }

  private details({ state, words, counts, codes }: DownloadProgress): string {
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
    ].join('\n');
  }

  private done(): number {
    return this.counts.stored + this.counts.notModified + this.counts.failed;
  }
}
