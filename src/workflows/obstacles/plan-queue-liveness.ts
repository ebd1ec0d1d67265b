/** Waits for the short activities of the plan queue, and reports when one gets no answer. */
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { unservedPlanQueue } from './unserved-plan-queue';

/**
 * Mutable; each workflow has one. One timer serves all waiting activities. The first one starts it,
 * and it is never cancelled, because a cancelled timer beside every record would fill the history
 * and the timeline.
 */
export class PlanQueueLiveness {
  /** When each wait began, in milliseconds since the epoch. */
  private readonly waiting = new Set<{ readonly since: number }>();
  /** The data root, for the command that starts a worker; null while it is not known. */
  dataRoot: string | null = null;
  private isArmed = false;
  private isSilent = false;

  /**
   * @param onSilence receives the obstacle when an activity is late, and null when it has been
   *   answered. It must not run an activity of the plan queue.
   */
  constructor(
    public lateSeconds: number,
    private readonly onSilence: (silence: Obstacle | null) => Promise<void>,
  ) {}

  /** @throws the errors of `work`. */
  async ask<T>(work: () => Promise<T>): Promise<T> {
    const mine = { since: Date.now() };
    this.waiting.add(mine);
    this.arm(this.lateSeconds * 1_000);
    try {
      return await work();
    } finally {
      this.waiting.delete(mine);
      if (this.isSilent) {
        this.isSilent = false;
        await this.onSilence(null);
        // Others may still be late: a diagnosis that got no answer has ended as well.
        if (this.waiting.size > 0) this.arm(this.lateSeconds * 1_000);
      }
    }
  }

  private arm(ms: number): void {
    if (this.isArmed) return;
    this.isArmed = true;
    void CancellationScope.nonCancellable(async () => {
      await sleep(ms, { summary: 'is the plan queue served?' });
      this.isArmed = false;
      await this.checkOldest();
    });
  }

  private async checkOldest(): Promise<void> {
    const oldest = Math.min(...[...this.waiting].map(({ since }) => since));
    if (oldest === Infinity) return;
    const left = oldest + this.lateSeconds * 1_000 - Date.now();
    if (left > 0) {
      this.arm(left);
      return;
    }
    this.isSilent = true;
    await this.onSilence(unservedPlanQueue(oldest, this.dataRoot));
  }
}
