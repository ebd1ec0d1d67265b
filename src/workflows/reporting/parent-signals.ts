/** What a download child tells the run that it belongs to: sparse signals, so that the run's history stays small. */
import { defineSignal, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { DownloadProgress } from '../../contract/download';
import { SIGNAL_DOWNLOAD_PROGRESS } from '../../contract/operator';
import { signalPaceMs } from './signal-pace';

const progressSignal = defineSignal<[DownloadProgress]>(SIGNAL_DOWNLOAD_PROGRESS);

/** Mutable, one a child. */
export class ParentSignals {
  private sentAt: number;
  /** What the parent knows of the state, and of the obstacle. */
  private known: readonly [DownloadProgress['state'], string | null];

  /** `startedAt`: the run's, ISO 8601 UTC. `before`: what was sent last, before the child continued as new. */
  constructor(
    private readonly startedAt: string,
    before: DownloadProgress | undefined,
  ) {
    this.sentAt = before === undefined ? 0 : Date.now();
    this.known = [before?.state ?? 'running', before?.obstacle?.words ?? null];
  }

  /** Another state or another obstacle is told at once. */
  async tellWhenDue(progress: DownloadProgress): Promise<void> {
    const [state, words] = this.known;
    const isNews = state !== progress.state || words !== (progress.obstacle?.words ?? null);
    const runFor = Date.now() - Date.parse(this.startedAt);
    const isOld = Date.now() - this.sentAt >= signalPaceMs(runFor);
    if (isNews || isOld) await this.tell(progress);
  }

  async tell(progress: DownloadProgress): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    this.sentAt = Date.now();
    this.known = [progress.state, progress.obstacle?.words ?? null];
    // A parent that is gone (terminated) needs no news; the child goes on to its flush.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(progressSignal, progress)
      .catch(() => undefined);
  }
}
