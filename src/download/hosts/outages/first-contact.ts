/**
 * A host that has not answered in this run yet. One request at a time finds out whether the host
 * exists. A few images are tried over a few seconds. When none gets an answer, the remaining images
 * fail without a request, and a later run tries them again.
 */
import type { FetchFailure } from '../../../http/failures/fetch-failure';
import type { Attempt } from './attempt';
import { createFailureWindow, type FailureWindow } from './failure-window';
import { HostDeferred, HostGivenUp } from '../host-unavailable';

/** Attempts without an answer after which the host is given up. */
const MOST_ATTEMPTS = 3;

/**
 * Waits between the starts of attempts, in units of ARTEMIS_OUTAGE_SECONDS: 1 s and 2 s by default.
 */
const GAPS = [1 / 15, 2 / 15];

/**
 * A single attempt of this length is enough to judge the host. In the same units: 8 s by default.
 */
const LONG_ATTEMPT = 8 / 15;

/**
 * Whether the host is to blame for attempts without an answer. `host`: the network works, so the
 * host is dead. `again`: the network may be at fault, so the host must be tried again.
 */
export type NetworkVerdict = 'host' | 'again';

export interface FirstContactOptions {
  /** In milliseconds. */
  readonly firstPauseMs: number;
  /**
   * Returns whether the network may have caused the failure of attempts that began at `since` (a
   * time of `performance.now()`).
   */
  readonly judgeNetwork: (since: number, failure: FetchFailure) => Promise<NetworkVerdict>;
}

type Waiter = Readonly<{ resolve: (attempt: Attempt) => void; reject: (error: Error) => void }>;

export class FirstContact {
  private state: 'testing' | 'judging' | 'alive' | 'given up' = 'testing';
  private isLeft = false;
  private started = 0;
  private failed = 0;
  private firstStartedAt = 0;
  private lastStartedAt = 0;
  private nextAt = 0;
  private failure: FetchFailure | null = null;
  private readonly underWay = new Set<Attempt>();
  /** Attempts that are still connecting. Another attempt would wait for the same connection. */
  private readonly connecting = new Set<Attempt>();
  private timer: NodeJS.Timeout | null = null;
  private window = this.newWindow();
  private refusal: HostGivenUp | null = null;
  private waiters: Waiter[] = [];
  private waitingForVerdict: (() => void)[] = [];

  constructor(private readonly options: FirstContactOptions) {}

  /** The host has answered: its circuit breaker takes over. */
  isAlive(): boolean {
    return this.state === 'alive';
  }

  /** Why the host is given up; null while it is not. */
  givenUp(): HostGivenUp | null {
    return this.refusal;
  }

  /**
   * Waits until this image may try the host.
   *
   * @throws {HostDeferred} {@link HostGivenUp}
   */
  enter(): Promise<Attempt> {
    if (this.refusal !== null) return Promise.reject(this.refusal);
    if (this.isLeft) return Promise.reject(hostDeferred());
    if (this.state === 'alive') return Promise.resolve(this.newAttempt());
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.startNext();
    });
  }

  /** For an image that has used up its attempts: waits until it is known whether they count. */
  waitForVerdict(): Promise<void> {
    if (this.state === 'alive' || this.state === 'given up' || this.isLeft)
      return Promise.resolve();
    return new Promise((resolve) => {
      this.waitingForVerdict.push(resolve);
      this.startNext();
    });
  }

  /** The host answered any request. */
  answered(): void {
    if (this.state === 'alive' || this.state === 'given up') return;
    this.state = 'alive';
    this.window.verdict = 'own';
    this.clearTimer();
    for (const { resolve } of this.waiters.splice(0)) resolve(this.newAttempt());
    this.releaseWaiting();
  }

  leave(): void {
    this.isLeft = true;
    this.clearTimer();
    for (const { reject } of this.waiters.splice(0)) reject(hostDeferred());
    this.releaseWaiting();
  }

  private newWindow(): FailureWindow {
    return createFailureWindow(() => this.state === 'testing' || this.state === 'judging');
  }

  private newAttempt(): Attempt {
    const attempt: Attempt = {
      isFirstContact: true,
      mayProceed: () => this.state === 'alive' || (this.state === 'testing' && !this.isLeft),
      sent: () => {
        this.connecting.delete(attempt);
        this.startNext();
      },
      answered: () => {
        this.answered();
      },
      failed: (_key, failure) => {
        this.attemptFailed(attempt, failure);
        return this.window;
      },
      reported: () => {
        attempt.end();
      },
      end: () => {
        if (!this.forgetAttempt(attempt)) return;
        // The attempt gave no evidence, so another image may try the host.
        if (this.state === 'testing') this.started -= 1;
        this.startNext();
      },
    };
    return attempt;
  }

  private startNext(): void {
    if (this.state !== 'testing' || this.isLeft || this.timer !== null) return;
    if (this.connecting.size > 0) return;
    if (this.started >= MOST_ATTEMPTS) {
      if (this.underWay.size === 0 && this.failed > 0) this.judge();
      return;
    }
    const waitMs = this.nextAt - performance.now();
    if (waitMs > 0) {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.startNext();
      }, waitMs);
      return;
    }
    const waiter = this.waiters.shift();
    if (waiter === undefined) {
      // Somebody must need the verdict: an image that pauses before its next attempt comes back.
      const isNeeded = this.waitingForVerdict.length > 0;
      if (isNeeded && this.underWay.size === 0 && this.failed > 0) this.judge();
      return;
    }
    const attempt = this.newAttempt();
    this.underWay.add(attempt);
    this.connecting.add(attempt);
    this.lastStartedAt = performance.now();
    if (this.started === 0) this.firstStartedAt = this.lastStartedAt;
    this.nextAt = this.lastStartedAt + (GAPS[this.started] ?? 0) * this.options.firstPauseMs;
    this.started += 1;
    waiter.resolve(attempt);
  }

  private attemptFailed(attempt: Attempt, failure: FetchFailure): void {
    if (!this.forgetAttempt(attempt) || this.state !== 'testing') return;
    this.failure = failure;
    this.failed += 1;
    const tookMs = performance.now() - this.firstStartedAt;
    const isLong = tookMs >= LONG_ATTEMPT * this.options.firstPauseMs;
    if (this.underWay.size === 0 && (this.failed >= MOST_ATTEMPTS || isLong)) this.judge();
    else this.startNext();
  }

  private forgetAttempt(attempt: Attempt): boolean {
    this.connecting.delete(attempt);
    return this.underWay.delete(attempt);
  }

  /** Determines whether the host is dead or the network is down. */
  private judge(): void {
    const { failure } = this;
    if (failure === null) return;
    this.state = 'judging';
    this.clearTimer();
    void this.options.judgeNetwork(this.lastStartedAt, failure).then((verdict) => {
      if (this.state !== 'judging' || this.isLeft) return;
      if (verdict === 'host') this.giveUp(failure);
      else this.testAgain();
    });
  }

  private giveUp({ code, message }: FetchFailure): void {
    const attempts = this.failed === 1 ? 'the one attempt' : `${this.failed} attempts`;
    this.refusal = new HostGivenUp(code, `the host answered none of ${attempts}: ${message}`);
    this.state = 'given up';
    this.window.verdict = 'own';
    for (const { reject } of this.waiters.splice(0)) reject(this.refusal);
    this.releaseWaiting();
  }

  private testAgain(): void {
    this.state = 'testing';
    this.started = 0;
    this.failed = 0;
    this.window.verdict = 'outage';
    this.window = this.newWindow();
    this.releaseWaiting();
    this.startNext();
  }

  private releaseWaiting(): void {
    for (const release of this.waitingForVerdict.splice(0)) release();
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

function hostDeferred(): HostDeferred {
  return new HostDeferred('the host is left alone for now');
}
