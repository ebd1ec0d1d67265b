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
 *
 * A host that refuses everything (`refusals.ts`) is held in the same way. Only what becomes of an
 * image shows that it is over, not an answer: a refusal is one.
 */
import type { ImageCode } from '../../../contract/outcome';
import type { SavedOutage } from '../../../contract/hosts/saved-host-state';
import type { Attempt } from './attempt';
import { createFailureWindow, type FailureWindow } from './failure-window';
import { HostDeferred, givenUpHost } from '../host-unavailable';
import { lanePauseMs, probeWaitMs } from './probe-schedule';
import { Probes } from './probes';
import type { Refusal } from './refusal';

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

export interface BreakerOptions {
  /** In milliseconds, as the next one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly saved: SavedOutage | null;
  /** Called when the breaker opens. Requests waiting for a connection must return to the queue. */
  readonly onOpen: () => void;
  readonly onWait: (waitMs: number, code: ImageCode) => void;
  /** Asks for images far ahead in the lane, by {@link CircuitBreaker.takeSample}. */
  readonly sampleAhead: () => Promise<void>;
}

export class CircuitBreaker {
  private state: 'closed' | 'open' | 'paused' | 'exhausted' = 'closed';
  /**
   * Why it is not closed. `sampling`: it is being found out whether the host refuses everything, by
   * one probe after another.
   */
  private cause: 'failures' | 'sampling' | 'refusal' = 'failures';
  private refusalDetail: string | null = null;
  /** The breaker chooses no sample itself. */
  private mayChooseSamples = false;
  private code: ImageCode = 'connect';
  private readonly failing = new Set<string>();
  private unconnected = 0;
  private window = this.newWindow();
  private threshold = THRESHOLD;
  private pauses: number;
  /** The number of probes of this outage in this batch. */
  private probeCount = 0;
  private pausedUntil = 0;
  private isLeft = false;
  private readonly probes = new Probes({
    createAttempt: () => this.newAttempt(),
    mayChoose: () => this.state === 'open' && (!this.isSampling() || this.mayChooseSamples),
  });

  constructor(private readonly options: BreakerOptions) {
    const { saved } = options;
    this.pauses = saved?.pauses ?? 0;
    if (saved === null) return;
    this.code = saved.code;
    if (saved.refusal !== undefined) this.setRefusal({ code: saved.code, detail: saved.refusal });
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
    return this.probes.wait();
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

  /** The host refuses everything, and is held for it. */
  isRefused(): boolean {
    return this.cause === 'refusal';
  }

  isSampling(): boolean {
    return this.cause === 'sampling';
  }

  /**
   * Gives the next probe to an image that waits for the verdict, when no other waits for the host:
   * at the end of a lane all that are left may have failed.
   *
   * @returns false when it is not needed, or another image has it.
   */
  claimProbe(): boolean {
    return !this.isLeft && this.probes.claim();
  }

  isProbe(attempt: Attempt): boolean {
    return this.probes.isProbe(attempt);
  }

  /** Holds all requests back, and sends probes one after another, without waiting. */
  startSampling(code: ImageCode): void {
    if (this.state !== 'closed' || this.isLeft) return;
    this.failing.clear();
    this.code = code;
    this.cause = 'sampling';
    this.state = 'open';
    this.mayChooseSamples = false;
    this.options.onOpen();
    void this.options.sampleAhead().finally(() => {
      this.mayChooseSamples = true;
      this.probes.startNext();
    });
  }

  /**
   * Lets an image far ahead in the lane be the next probe.
   *
   * @throws {HostDeferred} when no sample is wanted any more.
   */
  takeSample(): Attempt {
    if (!this.isSampling() || this.isLeft || this.probes.isUnderWay()) throw this.refusal();
    return this.probes.start();
  }

  /** There are enough samples. */
  stopSampling(): void {
    this.mayChooseSamples = false;
  }

  holdRefused(refusal: Refusal): void {
    if (this.state === 'closed') this.options.onOpen();
    this.setRefusal(refusal);
    this.probeCount = 0;
    this.waitForProbe(this.code, probeWaitMs(0, this.options.firstPauseMs) ?? 0);
    if (this.isLeft) this.pauseLane();
  }

  probeRefused(refusal: Refusal): void {
    this.setRefusal(refusal);
    this.probeFailed();
  }

  /** The host no longer refuses everything. */
  endRefusal(): void {
    if (this.state !== 'exhausted' && this.cause !== 'failures') this.close();
  }

  /** State for the lane's next batch, or null if there is none. */
  snapshot(): SavedOutage | null {
    const { code, pauses, failing, state, refusalDetail: refusal } = this;
    if ((state === 'closed' && failing.size === 0) || this.isSampling()) return null;
    const waitMs = Math.round(this.pauseMs());
    // An outage that has not been probed yet is confirmed by the next failure.
    const begun = pauses > 0 ? 0 : this.threshold - 1;
    return {
      code,
      pauses,
      failing: state === 'closed' ? failing.size : begun,
      waitMs,
      isExhausted: state === 'exhausted',
      ...(refusal === null ? {} : { refusal }),
    };
  }

  /** The network is down: failures during that time are no evidence against the host. */
  forgetFailures(): void {
    if (this.state === 'paused' || this.state === 'exhausted') return;
    if (this.cause !== 'failures') return;
    this.window.verdict = 'outage';
    this.close();
  }

  /** The batch leaves the host: all waiting requests are refused. */
  leave(): void {
    // An outage that was probed is certain, so the next batch need not detect it again.
    const isCertain = this.isRefused() || this.probeCount > 0 || this.pauses > 0;
    if (this.state === 'open' && isCertain) this.pauseLane();
    this.isLeft = true;
    this.probes.clearTimer();
    this.probes.refuseAll(() => this.refusal());
  }

  private newWindow(): FailureWindow {
    return createFailureWindow(() => !this.isClosed());
  }

  private newAttempt(): Attempt {
    const attempt: Attempt = {
      isFirstContact: false,
      mayProceed: () => this.isClosed() || this.probes.isProbe(attempt),
      sent: () => undefined,
      failed: (key, { code }) => this.failed(attempt, key, code),
      answered: () => {
        this.noteAnswer();
      },
      reported: () => {
        if (this.cause === 'failures') attempt.end();
      },
      end: () => {
        if (!this.probes.isProbe(attempt)) return;
        this.probes.end();
        this.probes.startNext();
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
    } else if (attempt !== null && this.probes.isProbe(attempt) && !this.isSampling()) {
      this.probes.end();
      if (!this.isRefused()) this.code = code;
      this.probeFailed();
    }
    return window;
  }

  /** Reports that the host answered a request, also one that did not pass the breaker. */
  noteAnswer(): void {
    if (this.state === 'exhausted' || this.cause !== 'failures') return;
    if (this.failing.size > 0 || this.state !== 'closed') {
      if (this.state === 'open' && this.probeCount === 0 && this.pauses === 0)
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
    this.probeCount = 0;
    this.probes.end();
    this.cause = 'failures';
    this.refusalDetail = null;
    this.state = 'closed';
    this.probes.clearTimer();
    this.probes.releaseAll();
  }

  private open(): void {
    this.failing.clear();
    this.probeCount = 0;
    this.waitForProbe(this.code, probeWaitMs(0, this.options.firstPauseMs) ?? 0);
    this.options.onOpen();
  }

  private probeFailed(): void {
    this.probeCount += 1;
    this.window.verdict = 'outage';
    const waitMs = this.pauses > 0 ? null : probeWaitMs(this.probeCount, this.options.firstPauseMs);
    if (waitMs !== null) {
      this.waitForProbe(this.code, waitMs);
      return;
    }
    this.pauseLane();
    this.probes.refuseAll(() => this.refusal());
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
    this.probes.clearTimer();
  }

  private pauseFor(waitMs: number): void {
    this.state = 'paused';
    this.pausedUntil = performance.now() + waitMs;
  }

  /** `code` is the reason to report for the wait; null reports nothing. */
  private waitForProbe(code: ImageCode | null, waitMs: number): void {
    this.state = 'open';
    this.probes.startIn(waitMs);
    if (code !== null) this.options.onWait(waitMs, code);
  }

  private refusal(): Error {
    if (this.state !== 'exhausted' || this.isLeft)
      return new HostDeferred('the host is left alone for now');
    const when = this.pauses === 0 ? 'in an earlier batch' : 'after its last pause';
    return givenUpHost(when, this.code, this.refusalDetail);
  }

  private setRefusal({ code, detail }: Pick<Refusal, 'code' | 'detail'>): void {
    this.code = code;
    this.cause = 'refusal';
    this.refusalDetail = detail;
    this.probes.end();
  }
}
