/**
 * The circuit breaker of a host that has answered before: tells an outage from images that fail by themselves, and makes
 * everybody wait for the end of an outage, so that no image pays for it.
 *
 * Closed: requests go out. Open: nobody asks but one probe after another. Paused: the lane leaves the host alone for a while.
 * Exhausted: it was waited for long enough, and the rest of its images fail without a request.
 */
import type { ImageCode } from '../../../contract/outcome';
import type { OutageMemory } from '../../../contract/payloads';
import type { FetchFailure } from '../../../http/fetch-failure';
import { createFailureWindow, type FailureWindow } from './failure-window';
import { HostDeferred, HostGivenUp } from '../host-unavailable';
import { lanePauseMs, probeWaitMs } from './probe-schedule';

/**
 * So many different images that fail, and no answer between, are an outage. A host of which one image in ten fails by
 * itself gives one false alarm in 100,000 images, which costs a second.
 */
const THRESHOLD = 5;

/** A connection that cannot be opened is no image's own failure: this many in a row are an outage. */
const CONNECTION_THRESHOLD = 2;

/** The threshold doubles with each alarm that the first probe shows to be false, up to this. */
const HIGHEST_THRESHOLD = 40;

/** After a lane's pause, so that there are images to choose the probe from. **Units** ms. */
const GATHER_MS = 100;

/** One request's dealings with the breaker. */
export interface Attempt {
  /** The host had not answered when the attempt began. */
  readonly isFirstContact: boolean;
  /** False once an outage has begun that this attempt does not probe. */
  mayProceed(): boolean;
  /** The request was written to its socket. */
  sent(): void;
  /** The host answered, well or not. */
  answered(): void;
  /** `key`: the image that failed, when its failure counts; null when it has failed by itself before. */
  failed(key: string | null, failure: FetchFailure): FailureWindow;
  /** The attempt ended without evidence about the host (for example, it was cancelled). */
  end(): void;
}

export interface BreakerOptions {
  /** **Units** ms. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly memory: OutageMemory | null;
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
  private until = 0;
  private timer: NodeJS.Timeout | null = null;
  private probe: Attempt | null = null;
  private isLeft = false;
  private waiters: Waiter[] = [];

  constructor(private readonly options: BreakerOptions) {
    const { memory } = options;
    this.pauses = memory?.pauses ?? 0;
    if (memory === null) return;
    this.code = memory.code;
    for (let n = 0; n < memory.failing; n += 1) this.failing.add(`before ${n}`);
    if (memory.isExhausted) this.state = 'exhausted';
    else if (memory.pauses > 0) this.pauseFor(memory.waitMs);
  }

  isClosed(): boolean {
    return this.state === 'closed';
  }

  /** How long the lane is to leave the host alone; 0: it need not. **Units** ms. */
  pauseMs(): number {
    return this.state === 'paused' ? Math.max(0, this.until - performance.now()) : 0;
  }

  /** Waits while the breaker is open. @throws {HostDeferred} {@link HostGivenUp} */
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

  /** A failure of a request that did not pass the breaker: the first answer of the host was bad. */
  note(key: string | null, code: ImageCode): FailureWindow {
    return this.failed(null, key, code);
  }

  /** No connection to the host could be opened, whatever image it was for. Reported besides the failure itself. */
  noteNoConnection(code: ImageCode): void {
    if (this.state !== 'closed') return;
    this.code = code;
    this.unconnected += 1;
    if (this.unconnected >= CONNECTION_THRESHOLD) this.open();
  }

  /** The host answered a request that did not pass the breaker. */
  noteAnswer(): void {
    this.answered();
  }

  /** What the lane's next batch must know; null: nothing. */
  snapshot(): OutageMemory | null {
    const { code, pauses, failing, state } = this;
    if (state === 'closed' && failing.size === 0) return null;
    const waitMs = Math.round(this.pauseMs());
    // Of an outage that was not probed yet, the next failure tells.
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

  /** The network is down: what has failed meanwhile is no evidence against the host. */
  forgetFailures(): void {
    if (this.state === 'paused' || this.state === 'exhausted') return;
    this.window.verdict = 'outage';
    this.close();
  }

  /** The batch leaves the host: nobody waits any more. */
  leave(): void {
    // An outage that was probed is known; the next batch need not find it out again.
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
    this.until = performance.now() + waitMs;
  }

  /** `code`: why, when people are to be told of the wait. */
  private waitForProbe(code: ImageCode | null, waitMs: number): void {
    this.state = 'open';
    this.clearTimer();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.startProbe();
    }, waitMs);
    if (code !== null) this.options.onWait(waitMs, code);
  }

  /** Any of those that wait, not the first: it may be one of a stretch that fails by itself. */
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
