/**
 * Answers that may be meant for every image of their host: a challenge, an unwelcome User-Agent, an
 * expired key, a certificate. Each of them alone says that its image cannot be had. When ten images
 * in a row and twenty more, taken from over the lane, got nothing else, the host refuses
 * everything, and its circuit breaker holds it like a host that is down. The same holds for a lane
 * of at least twenty images when all of them were refused.
 */
import type { CircuitBreaker } from './circuit-breaker';
import type { Refusal } from './refusal';

/**
 * After this number of refused images in a row, the others are held back while samples are
 * requested. It doubles with each alarm that a sample shows to be false, up to the second value.
 */
const FIRST_ALARM = 10;
const HIGHEST_ALARM = 640;

/** The host is held when these numbers of different images, and of samples, were refused. */
const MOST_REFUSED = 20;
export const SAMPLES = 20;

/**
 * Refusals without another answer in between. `own`: they concern their images alone. `outage`: the
 * host refuses everything.
 */
export interface RefusalWindow {
  readonly verdict: 'open' | 'outage' | 'own';
  readonly whenDecided: Promise<void>;
}

class Window implements RefusalWindow {
  verdict: RefusalWindow['verdict'] = 'open';
  private resolve: () => void = () => undefined;
  readonly whenDecided = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  decide(verdict: 'outage' | 'own'): void {
    if (this.verdict === 'open') this.verdict = verdict;
    this.resolve();
  }
}

export class Refusals {
  private kind = '';
  private alarm = FIRST_ALARM;
  private readonly images = new Set<number>();
  /**
   * The number of samples that were refused. Samples of earlier batches are not in `images` if they
   * are far ahead in the lane.
   */
  private samples: number;
  private latest: Refusal | null = null;
  private window = new Window();

  /** `earlier` is the result of {@link sampled} in the lane's batch before. */
  constructor(
    private readonly breaker: CircuitBreaker,
    private readonly earlier: number,
  ) {
    this.samples = earlier;
    if (breaker.isRefused()) this.window.decide('outage');
  }

  /** `image` names it among those of its lane; `isProbe`: the breaker chose it. */
  refused(image: number, refusal: Refusal, isProbe: boolean): RefusalWindow {
    if (this.breaker.isRefused()) {
      if (isProbe) this.breaker.probeRefused(refusal);
      this.window.decide('outage');
      return this.window;
    }
    if (this.kind !== '' && refusal.kind !== this.kind) this.accepted();
    this.kind = refusal.kind;
    const { window } = this;
    this.images.add(image);
    if (isProbe) this.samples += 1;
    this.latest = refusal;
    if (this.areEnough()) this.breaker.stopSampling();
    else if (!this.breaker.isSampling() && this.images.size >= this.alarm)
      this.breaker.startSampling(refusal.code);
    return window;
  }

  /** The samples that were refused, while the verdict is open. */
  sampled(): number {
    return this.breaker.isRefused() ? 0 : this.samples;
  }

  /** The host answered an image otherwise, whether well or badly. */
  accepted(): void {
    if (this.breaker.isSampling()) this.alarm = Math.min(HIGHEST_ALARM, 2 * this.alarm);
    this.decideOwn();
    this.breaker.endRefusal();
  }

  /** No request of the host is under way, whose image may still prove to be good. */
  noneUnderWay(): void {
    if (this.breaker.isSampling() && this.areEnough()) this.decide();
  }

  /** No further image of the host can be asked for. */
  decide(): void {
    if (this.breaker.isRefused() || this.images.size === 0) return;
    if (this.isMost() && this.latest !== null) this.hold(this.latest);
    else {
      this.decideOwn();
      this.breaker.endRefusal();
    }
  }

  private areEnough(): boolean {
    return this.isMost() && this.samples >= SAMPLES;
  }

  private isMost(): boolean {
    return this.images.size + Math.min(this.earlier, this.samples) >= MOST_REFUSED;
  }

  private hold(refusal: Refusal): void {
    this.breaker.holdRefused(refusal);
    this.window.decide('outage');
    this.images.clear();
    this.samples = 0;
  }

  private decideOwn(): void {
    this.window.decide('own');
    this.window = new Window();
    this.images.clear();
    this.samples = 0;
  }
}
