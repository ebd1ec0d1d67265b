/**
 * Progress signals from a child to its run. They are sparse, so that the run's history
 * stays small.
 */
import {
  defineSignal,
  getExternalWorkflowHandle,
  workflowInfo,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { DownloadProgress } from '../../contract/download-workflow';
import { signalPaceMs } from './signal-pace';

/** What a child reports: at least its state, and the obstacle in its way. */
type Reported = Pick<DownloadProgress, 'obstacle'> & { readonly state: string };

/** Mutable; each child has one. */
export class ParentSignals<Progress extends Reported> {
  private sentAt: number;
  /** The state and the text of the obstacle that the parent received last. */
  private known: readonly [string, string | null];
  private readonly signal: SignalDefinition<[Progress]>;

  /**
   * @param signal the name of the signal.
   * @param startedAt when the run started, ISO 8601 UTC.
   * @param before the progress that was sent last before the child continued as new.
   */
  constructor(
    signal: string,
    private readonly startedAt: string,
    before: Progress | undefined,
  ) {
    this.signal = defineSignal<[Progress]>(signal);
    this.sentAt = before === undefined ? 0 : Date.now();
    this.known = [before?.state ?? 'running', before?.obstacle?.words ?? null];
  }

  /**
   * Sends at once when the state or the obstacle has changed, and otherwise when the last signal is
   * old enough.
   */
  async sendWhenDue(progress: Progress): Promise<void> {
    const [state, words] = this.known;
    const hasChanged = state !== progress.state || words !== (progress.obstacle?.words ?? null);
    const runFor = Date.now() - Date.parse(this.startedAt);
    const isOld = Date.now() - this.sentAt >= signalPaceMs(runFor);
    if (hasChanged || isOld) await this.send(progress);
  }

  async send(progress: Progress): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    this.sentAt = Date.now();
    this.known = [progress.state, progress.obstacle?.words ?? null];
    // A parent that was terminated needs no signal. The child continues to its flush.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(this.signal, progress)
      .catch(() => undefined);
  }
}
