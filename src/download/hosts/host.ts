/**
 * What one batch knows about one host: its limiter and rate, whether it exists at all, and its
 * circuit breaker.
 */
import type { SavedHostState } from '../../contract/hosts/saved-host-state';
import type { HostBudget } from '../../contract/run-input';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import { createAdaptiveRate, type AdaptiveRate } from './limits/adaptive-rate';
import type { Attempt } from './outages/attempt';
import { CircuitBreaker, type BreakerOptions } from './outages/circuit-breaker';
import type { FailureWindow } from './outages/failure-window';
import { FirstContact, type FirstContactOptions } from './outages/first-contact';
import type { Refusal } from './outages/refusal';
import { Refusals, type RefusalWindow } from './outages/refusals';
import { createLimiter, type Limiter } from './limits/limiter';
import type { HostUse, HostUseOptions } from './shared/process-budgets';

/** What a request is to its host. */
export interface Entering {
  /** The request only finds out whether the host refuses everything. */
  readonly isSample: boolean;
  /**
   * The attempt of the image's latest request to this host; null for the first. A redirect of a
   * probe is part of the probe, for which all other requests wait.
   */
  readonly attempt: Attempt | null;
}

export interface HostOptions
  extends
    Pick<BreakerOptions, 'firstPauseMs' | 'longestPauseMs' | 'onWait' | 'sampleAhead'>,
    Pick<FirstContactOptions, 'judgeNetwork'> {
  readonly name: string;
  readonly budget: HostBudget;
  readonly reuseWaitMs: number;
  readonly saved: SavedHostState | undefined;
  /** No request is sent before this time of `performance.now()`. */
  readonly opensAt: number;
  /** Joins the budget that all processes share. */
  readonly use: (events: Pick<HostUseOptions, 'onWait' | 'currentWait'>) => HostUse;
}

export class Host {
  readonly name: string;
  readonly limiter: Limiter;
  readonly rate: AdaptiveRate;
  readonly breaker: CircuitBreaker;
  readonly firstContact: FirstContact;
  readonly refusals: Refusals;
  private readonly underWay = new Set<Attempt>();
  /** The budget of the host, as far as it is shared with other batches and processes. */
  readonly shared: HostUse;
  /** The host to which all latest redirects led, and how many they were. */
  private redirects = { to: '', count: 0 };

  constructor({ name, budget, reuseWaitMs, saved, opensAt, use, ...options }: HostOptions) {
    this.name = name;
    this.rate = createAdaptiveRate(budget.requestsPerSecond, saved?.rate);
    this.limiter = createLimiter(budget, this.rate, {
      saved: saved?.asked ?? null,
      opensAt,
      reuseWaitMs,
      shared: () => this.shared.request(),
    });
    this.shared = use({
      onWait: (waitMs, code) => {
        // The batch whose request caused the wait knows it already.
        if (waitMs <= this.limiter.opensInMs() + SAME_WAIT_MS) return;
        this.limiter.hold(waitMs, code);
        this.limiter.withdraw();
      },
      currentWait: () => this.limiter.snapshot(),
    });
    this.firstContact = new FirstContact(options);
    this.breaker = new CircuitBreaker({
      ...options,
      saved: saved?.outage ?? null,
      onOpen: () => {
        this.limiter.withdraw();
      },
    });
    this.refusals = new Refusals(this.breaker, saved?.samples ?? 0);
    if (hasAnswered(saved)) this.firstContact.answered();
  }

  /** The host has answered in this run. */
  isAlive(): boolean {
    return this.firstContact.isAlive();
  }

  /** A request may be sent without waiting for the results of other requests. */
  isOpen(): boolean {
    return this.isAlive() && this.breaker.isClosed();
  }

  /** @throws {HostDeferred} {@link HostGivenUp} */
  async enter({ isSample, attempt: former }: Entering): Promise<Attempt> {
    if (former !== null && this.breaker.isProbe(former)) return former;
    if (isSample) return this.breaker.takeSample();
    if (!this.isAlive()) {
      const attempt = await this.firstContact.enter();
      if (!this.isAlive()) return attempt;
      attempt.end();
    }
    return this.breaker.enter();
  }

  /** The host answered `attempt`, which {@link enter} returned. */
  answered(attempt: Attempt): void {
    this.firstContact.answered();
    attempt.answered();
    this.breaker.noteAnswer();
  }

  /**
   * `attempt` got no answer, or one that may be due to an outage. `key` is that of {@link
   * Attempt.failed}.
   */
  failed(
    attempt: Attempt,
    key: string | null,
    failure: FetchFailure,
    hasAnswered: boolean,
  ): FailureWindow {
    if (hasAnswered) this.firstContact.answered();
    const isPassed = attempt.isFirstContact && this.isAlive();
    return isPassed ? this.breaker.noteFailure(key, failure.code) : attempt.failed(key, failure);
  }

  /** Attempts at images of this host are under way. */
  isBusy(): boolean {
    return this.underWay.size > 0;
  }

  /** An attempt at an image of this host begins. A redirect back to it is a part of `former`. */
  begin(attempt: Attempt, former: Attempt | null): void {
    if (former !== null) this.underWay.delete(former);
    this.underWay.add(attempt);
  }

  /** It has ended, and what became of the image is known. */
  end(attempt: Attempt): void {
    this.underWay.delete(attempt);
    if (this.underWay.size === 0) this.refusals.noneUnderWay();
    attempt.end();
  }

  /** `image` was refused; `attempt` is that of its latest request to this host. */
  refused(image: number, refusal: Refusal, attempt: Attempt | null): RefusalWindow {
    const isProbe = attempt !== null && this.breaker.isProbe(attempt);
    return this.refusals.refused(image, refusal, isProbe);
  }

  noteRedirect(to: string): void {
    this.redirects = { to, count: this.redirects.to === to ? this.redirects.count + 1 : 1 };
  }

  /**
   * Its latest redirects (several at least) all led to `host`. No request need be sent here while
   * that host waits.
   */
  leadsTo(host: string): boolean {
    return this.redirects.to === host && this.redirects.count >= STEADY_REDIRECTS;
  }

  leave(): void {
    this.firstContact.leave();
    this.breaker.leave();
    this.limiter.leave();
  }
}

const STEADY_REDIRECTS = 3;

/** Two reports of the same wait differ by less than this. In milliseconds. */
const SAME_WAIT_MS = 500;

/** Everything that earlier batches recorded besides a missing answer came from answers. */
function hasAnswered(saved: SavedHostState | undefined): boolean {
  if (saved === undefined) return false;
  return saved.answered === true || saved.asked !== undefined || saved.outage !== undefined;
}
