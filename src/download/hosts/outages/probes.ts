/** Which of the requests that wait for a host is sent as its next probe, and when. */
import type { Attempt } from './attempt';

type Waiter = Readonly<{ resolve: (attempt: Attempt) => void; reject: (error: Error) => void }>;

export interface ProbesOptions {
  readonly createAttempt: () => Attempt;
  /** A probe may be chosen from those that wait. */
  readonly mayChoose: () => boolean;
}

export class Probes {
  private probe: Attempt | null = null;
  private timer: NodeJS.Timeout | null = null;
  private waiters: Waiter[] = [];
  private isClaimed = false;

  constructor(private readonly options: ProbesOptions) {}

  isProbe(attempt: Attempt): boolean {
    return this.probe === attempt;
  }

  isUnderWay(): boolean {
    return this.probe !== null;
  }

  /** Waits for a turn as a probe, or for {@link releaseAll}. */
  wait(): Promise<Attempt> {
    this.isClaimed = false;
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.startNext();
    });
  }

  /** Starts a probe for a request that is not among those that wait. */
  start(): Attempt {
    this.probe = this.options.createAttempt();
    return this.probe;
  }

  /** Starts the next probe after this time in milliseconds. */
  startIn(waitMs: number): void {
    this.clearTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.startNext();
    }, waitMs);
  }

  /**
   * Chooses a random waiting request, because the first one may belong to a series of images that
   * fail for reasons of their own.
   */
  startNext(): void {
    if (!this.isDue()) return;
    const [waiter] = this.waiters.splice(Math.floor(Math.random() * this.waiters.length), 1);
    if (waiter !== undefined) waiter.resolve(this.start());
  }

  /**
   * Promises the next probe to a request that does not wait yet.
   *
   * @returns false when none is due, or a request waits or has the promise.
   */
  claim(): boolean {
    if (this.isClaimed || this.waiters.length > 0 || !this.isDue()) return false;
    this.isClaimed = true;
    return true;
  }

  private isDue(): boolean {
    return this.probe === null && this.timer === null && this.options.mayChoose();
  }

  /** The probe, if there is one, has ended. */
  end(): void {
    this.probe = null;
  }

  releaseAll(): void {
    for (const { resolve } of this.waiters.splice(0)) resolve(this.options.createAttempt());
  }

  refuseAll(reason: () => Error): void {
    for (const { reject } of this.waiters.splice(0)) reject(reason());
  }

  clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
