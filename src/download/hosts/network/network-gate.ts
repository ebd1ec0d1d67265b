/**
 * How one batch reacts to the state of the network. It waits while the network is down, decides
 * whether a host that never answered is dead, and pauses the whole lane when waiting within the
 * batch is not enough.
 */
import type { HostPause } from '../../../contract/payloads';
import type { SavedOutage } from '../../../contract/hosts/saved-host-state';
import { NETWORK } from '../../../contract/payloads';
import type { ImageCode } from '../../../contract/outcome';
import type { FetchFailure } from '../../../http/failures/fetch-failure';
import type { BlockPages } from './block-pages';
import { HostDeferred } from '../host-unavailable';
import type { NetworkMonitor } from './network-monitor';
import { MOST_PAUSES, lanePauseMs, probeWaitMs } from '../outages/probe-schedule';
import type { NetworkVerdict } from '../outages/first-contact';
import type { SharedEndpoints } from './shared-endpoints';
import { Wakeups } from './wakeups';

export interface NetworkGateOptions {
  readonly monitor: NetworkMonitor;
  readonly pages: BlockPages;
  /** Endpoints that answered other processes of the run. */
  readonly shared: SharedEndpoints;
  readonly saved: SavedOutage | null;
  /** In milliseconds, as the next one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** The lane must pause: nothing more is sent in this batch. */
  readonly onPause: (waitMs: number, code: ImageCode) => void;
}

export class NetworkGate {
  private pauses: number;
  private code: ImageCode;
  private proxyFault: string | null = null;
  private pausedUntil = 0;
  private isPaused = false;
  private isLeft = false;
  private unknownSince: number | null = null;
  private readonly wakeups = new Wakeups();
  private endWaits: () => void = () => undefined;
  /** Resolves when the batch leaves, which ends all waits for the network. */
  private readonly whenLeft = new Promise<'left'>((resolve) => {
    this.endWaits = () => {
      resolve('left');
    };
  });

  constructor(private readonly options: NetworkGateOptions) {
    this.pauses = options.saved?.pauses ?? 0;
    this.code = options.saved?.code ?? 'connect';
  }

  /** Requests may be sent without waiting. */
  isOpen(): boolean {
    const { monitor, pages } = this.options;
    return !this.isPaused && !monitor.isDown() && !pages.isBlocked();
  }

  /**
   * Waits while the network is down, or while one page is returned for all hosts.
   *
   * @returns true when the request must test whether that page is still returned.
   * @throws {HostDeferred} when the lane must pause.
   */
  async enter(): Promise<boolean> {
    const { monitor, firstPauseMs } = this.options;
    while (!this.isOpen()) {
      if (this.isPaused || this.isLeft) throw new HostDeferred('the network is down');
      if (monitor.isDown()) {
        const isUp = await Promise.race([monitor.waitForProbes(firstPauseMs), this.whenLeft]);
        if (isUp === false) this.pause(monitor.code(), monitor.proxyFault());
        continue;
      }
      const turn = await this.takeTrial();
      if (turn === 'trial') return true;
      if (turn === 'later') this.pause('not_an_image');
    }
    return false;
  }

  /**
   * Passes on a trial that is granted after the batch has left, so that another batch can send it.
   */
  private async takeTrial(): Promise<'trial' | 'over' | 'later' | 'left'> {
    const { pages, firstPauseMs } = this.options;
    const turn = pages.takeTrial(firstPauseMs);
    const first = await Promise.race([turn, this.whenLeft]);
    if (first === 'left')
      void turn.then((late) => {
        if (late === 'trial') pages.endTrial();
      });
    return first;
  }

  /**
   * False once block pages have outlasted all pauses. From then on they are treated as the hosts'
   * own pages.
   */
  isPatient(): boolean {
    return this.pauses < MOST_PAUSES;
  }

  /** Some host answered a request of this batch. */
  answered(): void {
    if (this.options.pages.isBlocked()) return;
    this.pauses = 0;
    this.unknownSince = null;
    this.wakeups.wakeAll();
  }

  /**
   * Decides whether attempts on a host that never answered failed because of the host. Before any
   * host has answered, nothing is recorded as failed. The batch waits, then the lane pauses, and
   * only after its last pause are the hosts considered dead.
   */
  async judge(since: number, failure: FetchFailure): Promise<NetworkVerdict> {
    const { monitor, shared, firstPauseMs } = this.options;
    let result = await monitor.judge(since, failure, firstPauseMs);
    if (result === 'unknown') {
      monitor.addEndpoints(await shared.read());
      result = await monitor.judge(since, failure, firstPauseMs);
    }
    if (result === 'up') return 'host';
    if (result === 'unknown' && this.pauses >= MOST_PAUSES) return 'host';
    if (result === 'unknown') await this.waitForAnswer(failure.code);
    return 'again';
  }

  /** How long the lane must pause for the network, in milliseconds; 0 if it need not. */
  pauseMs(): number {
    return this.isPaused ? Math.max(0, this.pausedUntil - performance.now()) : 0;
  }

  /** The pause that the lane must make for the network; null if none. */
  pendingPause(): HostPause | null {
    const waitMs = Math.round(this.pauseMs());
    if (waitMs === 0) return null;
    const detail = this.proxyFault === null ? {} : { detail: this.proxyFault };
    return { host: NETWORK, waitMs, code: this.code, why: 'network', ...detail };
  }

  /** State for the lane's next batch, or null if there is none. */
  snapshot(): SavedOutage | null {
    const { pauses, code } = this;
    if (pauses === 0) return null;
    return { code, pauses, failing: 0, waitMs: Math.round(this.pauseMs()), isExhausted: false };
  }

  leave(): void {
    this.isLeft = true;
    this.endWaits();
    this.wakeups.wakeAll();
  }

  /** Waits, because no host has answered yet and the cause is therefore unknown. */
  private async waitForAnswer(code: ImageCode): Promise<void> {
    const { firstPauseMs } = this.options;
    this.unknownSince ??= performance.now();
    const waitedMs = performance.now() - this.unknownSince;
    if (this.pauses > 0 || waitedMs >= firstPauseMs) {
      this.pause(code);
      return;
    }
    // Each wait is as long as all earlier waits together.
    const waitMs = Math.max(probeWaitMs(0, firstPauseMs) ?? 0, waitedMs);
    await this.wakeups.wait(waitMs);
  }

  private pause(code: ImageCode, proxyFault: string | null = null): void {
    if (this.isPaused || this.isLeft) return;
    const { longestPauseMs, firstPauseMs } = this.options;
    const index = Math.min(this.pauses, MOST_PAUSES - 1);
    const waitMs = lanePauseMs(index, { firstPauseMs, longestPauseMs }) ?? longestPauseMs;
    this.isPaused = true;
    this.code = code;
    this.proxyFault = proxyFault;
    this.pauses += 1;
    this.pausedUntil = performance.now() + waitMs;
    this.options.onPause(waitMs, code);
  }
}
