/**
 * The whole budget of one host, kept by its owner: connections and requests per second of all
 * processes together.
 */
import { lowerBudget } from '../../../contract/hosts/host-budget';
import type { HostBudget } from '../../../contract/run-input';
import { createAdaptiveRate, type AdaptiveRate } from '../limits/adaptive-rate';
import { createRateWindow, type RateWindow, type RequestTime } from '../limits/rate-window';

/** How often an exhausted budget is checked again. In milliseconds. */
const CHECK_MS = 100;

/** One permit that a process waits for or uses. */
export interface Ticket {
  readonly grant: () => void;
  /** Null while the permit has not been granted. */
  time: RequestTime | null;
}

export interface OwnedBudgetOptions {
  readonly budget: HostBudget;
  /** No permit is granted before this time of `performance.now()`. */
  readonly opensAt: number;
  /** Called before each grant. */
  readonly mayGrant: () => boolean;
}

export class OwnedBudget {
  private readonly waiting = new Set<Ticket>();
  private readonly rate: AdaptiveRate;
  private readonly window: RateWindow;
  private budget: HostBudget;
  private opensAt: number;
  private inUse = 0;
  private usedAt = performance.now();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: OwnedBudgetOptions) {
    const { budget, opensAt } = options;
    this.budget = budget;
    this.opensAt = opensAt;
    this.rate = createAdaptiveRate(budget.requestsPerSecond);
    this.window = createRateWindow(
      budget.requestsPerSecond,
      () => Math.min(this.rate.now(), this.budget.requestsPerSecond),
      0,
    );
  }

  /** Processes may be configured differently. The smallest of their budgets applies. */
  narrow(budget: HostBudget): void {
    this.budget = lowerBudget(this.budget, budget);
  }

  acquire(ticket: Ticket): void {
    this.waiting.add(ticket);
    this.grantWaiting();
  }

  /** Counts a permit that is in use already, even if it exceeds the budget. */
  adopt(ticket: Ticket): void {
    this.take(ticket);
  }

  sent({ time }: Ticket): void {
    if (time !== null) time.sentAt ??= performance.now();
  }

  answered({ time }: Ticket): void {
    if (time?.answeredAt !== null) return;
    const now = performance.now();
    time.answeredAt = now;
    if (time.sentAt !== null) this.rate.answered(time.sentAt, now - time.sentAt);
  }

  release(ticket: Ticket): void {
    if (!this.waiting.delete(ticket)) {
      if (ticket.time !== null) ticket.time.answeredAt ??= performance.now();
      this.inUse -= 1;
    }
    this.grantWaiting();
  }

  /**
   * The process with this permit has ended. Its request may have been sent, and may still be on its
   * way.
   */
  abandon(ticket: Ticket): void {
    if (ticket.time === null) this.waiting.delete(ticket);
    else {
      ticket.time.sentAt ??= performance.now();
      this.inUse -= 1;
    }
    this.grantWaiting();
  }

  /** Whether no permit has been needed for `ms` milliseconds. */
  isUnusedFor(ms: number): boolean {
    const since = performance.now() - ms;
    return (
      this.inUse === 0 && this.waiting.size === 0 && this.usedAt < since && this.opensAt < since
    );
  }

  refused(status: number, startedAgoMs: number): void {
    this.rate.refused(performance.now() - startedAgoMs, status);
  }

  /** Grants no permit for `waitMs` milliseconds. */
  holdFor(waitMs: number): void {
    this.opensAt = Math.max(this.opensAt, performance.now() + waitMs);
  }

  grantWaiting(): void {
    for (const ticket of this.waiting) {
      if (this.inUse >= this.budget.connections || !this.options.mayGrant()) return;
      const waitMs = Math.max(this.opensAt, this.window.nextAt()) - performance.now();
      if (waitMs > 0) {
        this.grantLater(waitMs);
        return;
      }
      this.waiting.delete(ticket);
      this.take(ticket);
      ticket.grant();
    }
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.waiting.clear();
  }

  private take(ticket: Ticket): void {
    ticket.time = this.window.take();
    this.inUse += 1;
    this.usedAt = performance.now();
  }

  private grantLater(waitMs: number): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        this.grantWaiting();
      },
      Math.min(CHECK_MS, Math.ceil(waitMs)),
    ).unref();
  }
}
