/** Waits for the short activities of the plan queue, and says so when one is not answered. */
import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Obstacle } from '../../contract/obstacle';
import { unservedPlanQueue } from './unserved-plan-queue';

/**
 * Mutable, one a workflow. One timer for all that waits: it is armed by the first, and is not cancelled, because a cancelled
 * timer beside every record would fill history and timeline.
 */
export class PlanQueueLiveness {
  /** Since when each waits, ms since the epoch. */
  private readonly waiting = new Set<{ readonly since: number }>();
  private isArmed = false;
  private isSilent = false;

  /** **Shape** `show` gets null when a late one has been answered. It runs no activity of the plan queue. */
  constructor(
    public lateSeconds: number,
    private readonly show: (silence: Obstacle | null) => Promise<void>,
  ) {}

  /** **Errors** those of `work`. */
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
        await this.show(null);
        // Others may be late still: a look that nobody answered has ended, too.
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
      await this.look();
    });
  }

  private async look(): Promise<void> {
    const oldest = Math.min(...[...this.waiting].map(({ since }) => since));
    if (oldest === Infinity) return;
    const left = oldest + this.lateSeconds * 1_000 - Date.now();
    if (left > 0) {
      this.arm(left);
      return;
    }
    this.isSilent = true;
    await this.show(unservedPlanQueue(oldest));
  }
}
