/**
 * What one batch does about the network: waits while it is down, decides whether a host that never answered is dead, and
 * pauses the whole lane when waiting within the batch is not enough.
 */
import type { HostPause, OutageMemory } from '../../../contract/payloads';
import { NETWORK } from '../../../contract/payloads';
import type { ImageCode } from '../../../contract/outcome';
import type { FetchFailure } from '../../../http/fetch-failure';
import type { BlockPages } from './block-pages';
import { HostDeferred } from '../host-unavailable';
import type { NetworkMonitor } from './network-monitor';
import { MOST_PAUSES, lanePauseMs, probeWaitMs } from '../outages/probe-schedule';
import type { NetworkVerdict } from '../outages/first-contact';
import type { SharedEndpoints } from './shared-endpoints';

export interface NetworkGateOptions {
  readonly monitor: NetworkMonitor;
  readonly pages: BlockPages;
  /** Endpoints that answered other processes of the run. */
  readonly shared: SharedEndpoints;
  readonly memory: OutageMemory | null;
  /** **Units** ms. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** The lane is to pause: nothing more is sent in this batch. */
  readonly onPause: (waitMs: number, code: ImageCode) => void;
}

export class NetworkGate {
  private pauses: number;
  private code: ImageCode;
  private until = 0;
  private isPaused = false;
  private isLeft = false;
  private unknownSince: number | null = null;
  private wake: (() => void)[] = [];
  private endWaits: () => void = () => undefined;
  /** Resolves when the batch leaves: nobody waits for the network any longer. */
  private readonly left = new Promise<'left'>((resolve) => {
    this.endWaits = () => {
      resolve('left');
    };
  });

  constructor(private readonly options: NetworkGateOptions) {
    this.pauses = options.memory?.pauses ?? 0;
    this.code = options.memory?.code ?? 'connect';
  }

  /** Requests may be sent without waiting. */
  isOpen(): boolean {
    const { monitor, pages } = this.options;
    return !this.isPaused && !monitor.isDown() && !pages.isBlocked();
  }

  /**
   * Waits while the network is down, or one page answers for all hosts.
   *
   * @returns true when the request is to try whether that page still answers.
   * @throws {HostDeferred} when the lane is to pause.
   */
  async enter(): Promise<boolean> {
    const { monitor, firstPauseMs } = this.options;
    while (!this.isOpen()) {
      if (this.isPaused || this.isLeft) throw new HostDeferred('the network is down');
      if (monitor.isDown()) {
        const isUp = await Promise.race([monitor.probed(firstPauseMs), this.left]);
        if (isUp === false) this.pause(monitor.code());
        continue;
      }
      const turn = await this.takeTrial();
      if (turn === 'trial') return true;
      if (turn === 'later') this.pause('not_an_image');
    }
    return false;
  }

  /** A turn that comes after the batch has left is for somebody else. */
  private async takeTrial(): Promise<'trial' | 'over' | 'later' | 'left'> {
    const { pages, firstPauseMs } = this.options;
    const turn = pages.takeTrial(firstPauseMs);
    const first = await Promise.race([turn, this.left]);
    if (first === 'left')
      void turn.then((late) => {
        if (late === 'trial') pages.endTrial();
      });
    return first;
  }

  /** Block pages were waited for through all pauses: from now on they are the hosts' own. */
  isPatient(): boolean {
    return this.pauses < MOST_PAUSES;
  }

  /** Some host answered a request of this batch. */
  answered(): void {
    if (this.options.pages.isBlocked()) return;
    this.pauses = 0;
    this.unknownSince = null;
    this.wakeAll();
  }

  /**
   * Whether attempts of a host that never answered failed because of the host. Before any host has answered nothing is
   * recorded as failed: the batch waits, then the lane pauses, and only after its last pause the hosts are to blame.
   */
  async judge(since: number, failure: FetchFailure): Promise<NetworkVerdict> {
    const { monitor, shared, firstPauseMs } = this.options;
    let result = await monitor.judge(since, failure, firstPauseMs);
    if (result === 'unknown') {
      monitor.learn(await shared.read());
      result = await monitor.judge(since, failure, firstPauseMs);
    }
    if (result === 'up') return 'host';
    if (result === 'unknown' && this.pauses >= MOST_PAUSES) return 'host';
    if (result === 'unknown') await this.waitForAnswer(failure.code);
    return 'again';
  }

  /** How long the lane is to pause for the network; 0: it need not. **Units** ms. */
  pauseMs(): number {
    return this.isPaused ? Math.max(0, this.until - performance.now()) : 0;
  }

  /** The pause that is asked for; null: none. */
  pauseOf(): HostPause | null {
    const waitMs = Math.round(this.pauseMs());
    return waitMs === 0 ? null : { host: NETWORK, waitMs, code: this.code, why: 'network' };
  }

  /** What the lane's next batch must know; null: nothing. */
  snapshot(): OutageMemory | null {
    const { pauses, code } = this;
    if (pauses === 0) return null;
    return { code, pauses, failing: 0, waitMs: Math.round(this.pauseMs()), isExhausted: false };
  }

  leave(): void {
    this.isLeft = true;
    this.endWaits();
    this.wakeAll();
  }

  /** No host has answered yet, so nobody can tell. */
  private async waitForAnswer(code: ImageCode): Promise<void> {
    const { firstPauseMs } = this.options;
    this.unknownSince ??= performance.now();
    const waitedMs = performance.now() - this.unknownSince;
    if (this.pauses > 0 || waitedMs >= firstPauseMs) {
      this.pause(code);
      return;
    }
    // Each wait is as long as all before it.
    const waitMs = Math.max(probeWaitMs(0, firstPauseMs) ?? 0, waitedMs);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }

  private pause(code: ImageCode): void {
    if (this.isPaused || this.isLeft) return;
    const { longestPauseMs, firstPauseMs } = this.options;
    const index = Math.min(this.pauses, MOST_PAUSES - 1);
    const waitMs = lanePauseMs(index, { firstPauseMs, longestPauseMs }) ?? longestPauseMs;
    this.isPaused = true;
    this.code = code;
    this.pauses += 1;
    this.until = performance.now() + waitMs;
    this.options.onPause(waitMs, code);
  }
}
