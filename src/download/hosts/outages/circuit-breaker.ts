/**
 * The circuit breaker of a host that has answered before. It distinguishes an outage from images
 * that fail by themselves, and holds back all requests until the outage ends, so that no image
 * fails because of it.
 *
 * - Closed: requests are sent.
 * - Open: only one probe at a time is sent.
 * - Paused: the lane sends nothing to the host for a while.
 * - Exhausted: the last pause is over and the host is still down. Its remaining images fail without
 *   a request.
 */
import type { ImageCode } from '../../../contract/outcome';
import type { SavedOutage } from '../../../contract/saved-host-state';
import type { FetchFailure } from '../../../http/failures/fetch-failure';
import { createFailureWindow, type FailureWindow } from './failure-window';
import { HostDeferred, HostGivenUp } from '../host-unavailable';
import { lanePauseMs, probeWaitMs } from './probe-schedule';

/**
 * Failures of this many different images without an answer in between are an outage. A host with
 * one bad image in ten gives one false alarm in 100,000 images, which costs a second.
 */
const THRESHOLD = 5;

/** A failure to connect is never caused by one image, so this many in a row are an outage. */
const CONNECTION_THRESHOLD = 2;

/**
 * The threshold doubles with each alarm that the first probe shows to be false, up to this value.
 */
const HIGHEST_THRESHOLD = 40;

/**
 * Wait after a lane's pause, so that several images are available when the probe is chosen. In
 * milliseconds.
 */
const GATHER_MS = 100;

/** One request, as the circuit breaker and the first contact see it. */
export interface Attempt {
  /** The host had not answered when the attempt began. */
  readonly isFirstContact: boolean;
  /** False once an outage has begun, unless this attempt is its probe. */
  mayProceed(): boolean;
  /** The request was written to its socket. */
  sent(): void;
  /** The host sent an answer, whether good or bad. */
  answered(): void;
  /**
   * `key` names the image whose failure counts. It is null when the image has failed by itself
   * before.
   */
  failed(key: string | null, failure: FetchFailure): FailureWindow;
  /** The attempt ended without evidence about the host (for example, it was cancelled). */
  end(): void;
}

export interface BreakerOptions {
  /** In milliseconds, as the next one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly saved: SavedOutage | null;
  /** Called when the breaker opens. Requests waiting for a connection must return to the queue. */
  readonly onOpen: () => void;
  readonly onWait: (waitMs: number, code: ImageCode) => void;
}

type Waiter = Readonly<{ resolve: (attempt: Attempt) => void; reject: (error: Error) => void }>;

export class CircuitBreaker {
  private state: 'closed' | 'open' | 'paused' | 'exhausted' = 'closed';
  private code: ImageCode = 'connect';
  private readonly failing = new Set<string>();
  private unconnected = 0;
  private window = this.newWindow();
  private threshold = THRESHOLD;
  private pauses: number;
  private probes = 0;
  private pausedUntil = 0;
  private timer: NodeJS.Timeout | null = null;
  private probe: Attempt | null = null;
  private isLeft = false;
  private waiters: Waiter[] = [];

  constructor(private readonly options: BreakerOptions) {
    const { saved } = options;
    this.pauses = saved?.pauses ?? 0;
    if (saved === null) return;
    this.code = saved.code;
    for (let n = 0; n < saved.failing; n += 1) this.failing.add(`before ${n}`);
    if (saved.isExhausted) this.state = 'exhausted';
    else if (saved.pauses > 0) this.pauseFor(saved.waitMs);
  }

  isClosed(): boolean {
    return this.state === 'closed';
  }

  /** How long the lane must leave the host alone, in milliseconds; 0 if it need not. */
  pauseMs(): number {
    return this.state === 'paused' ? Math.max(0, this.pausedUntil - performance.now()) : 0;
  }

  /**
   * Waits while the breaker is open.
   *
   * @throws {HostDeferred} {@link HostGivenUp}
   */
  enter(): Promise<Attempt> {
    if (this.state === 'closed' && !this.isLeft) return Promise.resolve(this.newAttempt());
    // The pause has ended while the batch worked on other hosts.
    if (this.state === 'paused' && this.pauseMs() === 0) this.waitForProbe(null, GATHER_MS);
    if (this.state !== 'open' || this.isLeft) return Promise.reject(this.refusal());
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      if (this.timer === null) this.startProbe();
    });
  }

  /**
   * Reports a failed request that did not pass the breaker, because the first answer of the host
   * was bad.
   */
  noteFailure(key: string | null, code: ImageCode): FailureWindow {
    return this.failed(null, key, code);
  }

  /**
   * Reports that no connection to the host could be opened, for whichever image. The caller reports
   * the failure itself separately.
   */
  noteNoConnection(code: ImageCode): void {
    if (this.state !== 'closed') return;
    this.code = code;
    this.unconnected += 1;
    if (this.unconnected >= CONNECTION_THRESHOLD) this.open();
  }

  /** Reports that the host answered a request that did not pass the breaker. */
  noteAnswer(): void {
    this.answered();
  }

  /** State for the lane's next batch, or null if there is none. */
  snapshot(): SavedOutage | null {
    const { code, pauses, failing, state } = this;
    if (state === 'closed' && failing.size === 0) return null;
    const waitMs = Math.round(this.pauseMs());
    // An outage that has not been probed yet is confirmed by the next failure.
    const begun = pauses > 0 ? 0 : this.threshold - 1;
    const isExhausted = state === 'exhausted';
    return {
      code,
      pauses,
      failing: state === 'closed' ? failing.size : begun,
      waitMs,
      isExhausted,
    };
  }

  /** The network is down: failures during that time are no evidence against the host. */
  forgetFailures(): void {
    if (this.state === 'paused' || this.state === 'exhausted') return;
    this.window.verdict = 'outage';
    this.close();
  }

  /** The batch leaves the host: all waiting requests are refused. */
  leave(): void {
    // An outage that was probed is certain, so the next batch need not detect it again.
    if (this.state === 'open' && (this.probes > 0 || this.pauses > 0)) this.pauseLane();
    this.isLeft = true;
    this.clearTimer();
    this.refuseAll();
  }

  private newWindow(): FailureWindow {
    return createFailureWindow(() => !this.isClosed());
  }

  private newAttempt(): Attempt {
    const attempt: Attempt = {
      isFirstContact: false,
      mayProceed: () => this.isClosed() || this.probe === attempt,
      sent: () => undefined,
      failed: (key, { code }) => this.failed(attempt, key, code),
      answered: () => {
        this.answered();
      },
      end: () => {
        if (this.probe !== attempt) return;
        this.probe = null;
        this.startProbe();
      },
    };
    return attempt;
  }

  private failed(attempt: Attempt | null, key: string | null, code: ImageCode): FailureWindow {
    const { window } = this;
    if (this.state === 'closed') {
      this.code = code;
      if (key !== null) this.failing.add(key);
      if (this.failing.size >= this.threshold) this.open();
    } else if (attempt !== null && this.probe === attempt) {
      this.probe = null;
      this.code = code;
      this.probeFailed();
    }
    return window;
  }

  private answered(): void {
    if (this.state === 'exhausted') return;
    if (this.failing.size > 0 || this.state !== 'closed') {
      if (this.state === 'open' && this.probes === 0 && this.pauses === 0)
        this.threshold = Math.min(HIGHEST_THRESHOLD, this.threshold * 2);
      if (this.window.verdict === 'open') this.window.verdict = 'own';
    }
    this.close();
  }

  private close(): void {
    this.window = this.newWindow();
    this.failing.clear();
    this.unconnected = 0;
    this.pauses = 0;
    this.probes = 0;
    this.probe = null;
    this.state = 'closed';
    this.clearTimer();
    for (const { resolve } of this.waiters.splice(0)) resolve(this.newAttempt());
  }

  private open(): void {
    this.failing.clear();
    this.probes = 0;
    this.waitForProbe(this.code, probeWaitMs(0, this.options.firstPauseMs) ?? 0);
    this.options.onOpen();
  }

  private probeFailed(): void {
    this.probes += 1;
    this.window.verdict = 'outage';
    const waitMs = this.pauses > 0 ? null : probeWaitMs(this.probes, this.options.firstPauseMs);
    if (waitMs !== null) {
      this.waitForProbe(this.code, waitMs);
      return;
    }
    this.pauseLane();
    this.refuseAll();
  }

  private pauseLane(): void {
    this.window.verdict = 'outage';
    const waitMs = lanePauseMs(this.pauses, this.options);
    this.pauses += 1;
    if (waitMs === null) this.state = 'exhausted';
    else {
      this.pauseFor(waitMs);
      this.options.onWait(waitMs, this.code);
    }
    this.clearTimer();
  }

  private pauseFor(waitMs: number): void {
    this.state = 'paused';
    this.pausedUntil = performance.now() + waitMs;
  }

  /** `code` is the reason to report for the wait; null reports nothing. */
  private waitForProbe(code: ImageCode | null, waitMs: number): void {
    this.state = 'open';
    this.clearTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.startProbe();
    }, waitMs);
    if (code !== null) this.options.onWait(waitMs, code);
  }

  /**
   * Chooses a random waiting request, because the first one may belong to a series of images that
   * fail by themselves.
   */
  private startProbe(): void {
    if (this.state !== 'open' || this.probe !== null || this.timer !== null) return;
    const [waiter] = this.waiters.splice(Math.floor(Math.random() * this.waiters.length), 1);
    if (waiter === undefined) return;
    this.probe = this.newAttempt();
    waiter.resolve(this.probe);
  }

  private refusal(): Error {
    if (this.state !== 'exhausted' || this.isLeft)
      return new HostDeferred('the host is left alone for now');
    const when = this.pauses === 0 ? 'in an earlier batch' : 'after its last pause';
    return new HostGivenUp(this.code, `the host was given up ${when}: nothing but ${this.code}`);
  }

  private refuseAll(): void {
    for (const { reject } of this.waiters.splice(0)) reject(this.refusal());
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
