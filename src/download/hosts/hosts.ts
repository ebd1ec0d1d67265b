/**
 * The hosts of one batch, and the only way to send them a request. A permit is granted when the
 * network is up, the host exists and is not down, its limiter has room, and this attempt still owns
 * the lane.
 */
import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hostKey } from '../../contract/plan-entry';
import { NETWORK, type HostPause } from '../../contract/payloads';
import type { SavedHostState } from '../../contract/hosts/saved-host-state';
import { runPaths } from '../../files/data-root';
import type { Endpoint } from '../../http/connect/probe-endpoints';
import type { HostAccess, Permit } from '../../http/host-access';
import type { BatchOptions } from '../batch-options';
import type { Slots } from '../slots';
import type { Attempt } from './outages/attempt';
import { firstPause } from './first-pause';
import { Host } from './host';
import { hostBudget, wholeBudget } from './limits/host-budget';
import { hostState, readHostState, type HostState } from './host-state';
import { HostDeferred, PermitWithdrawn } from './host-unavailable';
import { NetworkGate } from './network/network-gate';
import { createPermit } from './permit';
import { createReporting } from './reporting';
import { WINDOW_MS } from './limits/rate-window';
import { RefusalsOfHosts } from './refusals-of-hosts';
import type { WaitingImage } from './limits/asked-wait';
import { newRequester, type Requester } from './requester';
import { SharedEndpoints } from './network/shared-endpoints';

/** A Retry-After up to this length is waited for inside the batch. In milliseconds. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Each host of a lane of many hosts has few images left. They use the connections that are open
 * already, unless these are slow, because a new connection costs two round trips with TLS. In
 * milliseconds.
 */
const REUSE_WAIT_MS = 250;

/** How often a wait checks whether the batch ends. In milliseconds. */
const CHECK_MS = 200;

/** What a request is to a host that a redirect leads to. */
const REDIRECTED = { isSample: false, attempt: null };

export interface HostsOptions {
  readonly batch: BatchOptions;
  readonly execution: string;
  readonly slots: Slots;
  /** @throws when another attempt may own the lane by now. */
  readonly assertOwned: () => void;
  /** The endpoint of the latest connection to the origin of a URL. */
  readonly endpointOf: (url: URL) => Endpoint | null;
  /** Closes the host's idle connections. */
  readonly closeIdle: (host: string) => void;
  /** Asks for images far ahead in the lane of this host. */
  readonly sampleAhead: (host: Host) => Promise<void>;
}

export class Hosts {
  readonly network: NetworkGate;
  readonly refusals: RefusalsOfHosts;
  private readonly known = new Map<string, Host>();
  private readonly before: ReadonlyMap<string, SavedHostState>;
  private readonly opensAt: number;
  private readonly shared: SharedEndpoints;
  private readonly stopListening: () => void;
  private readonly leaveBlockPages: () => void;
  private readonly leaving = new AbortController();

  constructor(private readonly options: HostsOptions) {
    const { batch, execution } = options;
    const { input, dataRoot, config, network } = batch;
    this.opensAt = performance.now() + quietMs(batch);
    this.before = readHostState(batch);
    const folder = path.join(runPaths(dataRoot, input.runId).plan, 'answered');
    this.shared = new SharedEndpoints(folder, `${process.pid}-${execution}.json`);
    this.network = new NetworkGate({
      monitor: network.monitor,
      pages: network.pages,
      shared: this.shared,
      saved: this.before.get(NETWORK)?.outage ?? null,
      firstPauseMs: config.outageSeconds * 1_000,
      longestPauseMs: config.maxRetryAfterSeconds * 1_000,
      onPause: (waitMs, code) => {
        batch.watch.hostWaits({ host: 'network', waitMs, code, execution });
        this.leaveAll();
      },
    });
    setMaxListeners(0, this.leaving.signal);
    this.leaveBlockPages = network.pages.addBatch(this.known);
    this.refusals = new RefusalsOfHosts(this.known, this, this.leaving.signal);
    this.stopListening = network.monitor.onChange(() => {
      if (!network.monitor.isDown()) return;
      for (const host of this.known.values()) {
        host.breaker.forgetFailures();
        host.limiter.withdraw();
      }
    });
  }

  hostNamed(name: string): Host {
    const host = this.known.get(name) ?? this.newHost(name);
    this.known.set(name, host);
    return host;
  }

  /**
   * Images of this host are left for a later batch, because the wait is longer than a batch waits.
   */
  isDeferred(name: string): boolean {
    if (this.network.pauseMs() > 0) return true;
    const { limiter, breaker } = this.hostNamed(name);
    if (limiter.isExhausted()) return false;
    return limiter.opensInMs() > LONGEST_WAIT_MS || breaker.pauseMs() > 0;
  }

  requester(image: WaitingImage, options: Pick<Requester, 'key' | 'isSample'>): Requester {
    return newRequester(image, options);
  }

  /** The access to hosts for one attempt at an entry. */
  accessFor(requester: Requester): HostAccess {
    return { acquire: (url, signal) => this.acquire(url, signal, requester) };
  }

  /**
   * Records the page that an attempt received, to detect one page that is returned for all hosts.
   * `page` is its key, or null.
   */
  notePage({ first }: Requester, page: string | null): void {
    if (first !== null) this.options.batch.network.pages.noteAnswer(first.name, page);
  }

  /** The attempt has ended, and its result, if it has any, was noted. */
  endAttempt(requester: Requester): void {
    if (requester.isTrial) this.options.batch.network.pages.endTrial();
    if (requester.attempt !== null) requester.first?.end(requester.attempt);
  }

  /**
   * Whether a page that a host returned instead of an image comes from the network and not from the
   * host.
   */
  isBlockPage(page: string): Promise<boolean> {
    return this.network.isPatient()
      ? this.options.slots.releaseWhile(() =>
          this.options.batch.network.pages.isBlockPage(page, this.leaving.signal),
        )
      : Promise.resolve(false);
  }

  /** The batch ends: no new request is sent. */
  isLeaving(): boolean {
    return this.leaving.signal.aborted;
  }

  /**
   * Waits until a request may be sent to the host of `url`.
   *
   * @throws {HostDeferred} {@link HostGivenUp} {@link PermitWithdrawn}; the signal's reason.
   */
  async acquire(url: URL, signal: AbortSignal, requester: Requester): Promise<Permit> {
    const host = this.hostNamed(hostKey(url));
    requester.host = host;
    requester.first ??= host;
    if (requester.first !== host) {
      requester.first.noteRedirect(host.name);
      host.shared.share();
    }
    const attempt = await this.attemptAt(host, signal, requester);
    if (requester.first === host) {
      host.begin(attempt, requester.attempt);
      requester.attempt = attempt;
    }
    const releases = [
      () => {
        attempt.end();
      },
    ];
    try {
      // An entry that got its slot back late need not wait for its turn.
      if (!attempt.mayProceed()) throw new PermitWithdrawn('the host went down');
      const limiter = await host.limiter.acquire(signal);
      releases.unshift(() => {
        limiter.release();
      });
      const { requests, firstContacts } = this.options.batch.network;
      const releaseSocket = await (host.isAlive() ? requests : firstContacts).acquire(signal);
      releases.unshift(releaseSocket);
      // The network or the host may have gone down in the meantime.
      if ((!requester.isTrial && !this.network.isOpen()) || !attempt.mayProceed())
        throw new PermitWithdrawn('the host went down');
      this.options.assertOwned();
      return createPermit(
        { host, attempt, limiter, requester, url, releaseSocket },
        createReporting(this.options, this.network, this.shared),
      );
    } catch (error) {
      for (const release of releases) release();
      throw error;
    }
  }

  /**
   * State for the lane's next batch.
   *
   * @param seen with `isLaneSeen`: all entries of the lane have been read.
   */
  state({ isLaneSeen }: { readonly isLaneSeen: boolean }): HostState {
    return hostState({
      batch: this.options.batch,
      execution: this.options.execution,
      before: this.before,
      hosts: [...this.known.values()],
      network: this.network.snapshot(),
      isLaneSeen,
    });
  }

  /**
   * The pause, of a host or of the network, that ends first for the lane; null if there is none.
   */
  pause(): HostPause | null {
    // While the network is down, no request can be sent to any host.
    return this.network.pendingPause() ?? firstPause([...this.known.values()]);
  }

  /** Requests that have not been sent yet are left for the lane's next batch. */
  leaveAll(): void {
    this.leaving.abort();
    this.network.leave();
    for (const host of this.known.values()) host.leave();
  }

  /** Called when all connections of the batch are closed. */
  close(): void {
    if (!this.isLeaving()) this.leaveAll();
    for (const host of this.known.values()) host.shared.leave();
    this.stopListening();
    this.leaveBlockPages();
  }

  /**
   * Waits for the network, for the end of the wait that the host asked for, and for the host to be
   * up, until none of them holds the request back.
   */
  private async attemptAt(host: Host, signal: AbortSignal, requester: Requester): Promise<Attempt> {
    const isFirst = requester.first === host;
    for (;;) {
      if (!requester.isTrial)
        requester.isTrial = await this.whileWaiting(requester, !this.network.isOpen(), () =>
          this.network.enter(),
        );
      await this.retryAfterIsOver(host, requester, signal);
      const attempt = await this.whileWaiting(requester, !host.isOpen(), () =>
        host.enter(isFirst ? requester : REDIRECTED),
      );
      const { limiter } = host;
      const mayAsk = requester.isTrial || this.network.isOpen();
      if (mayAsk && (limiter.opensInMs() === 0 || limiter.isExhausted())) return attempt;
      attempt.end();
    }
  }

  private newHost(name: string): Host {
    const { batch, execution } = this.options;
    const { config, watch, input } = batch;
    const budgets = batch.network.sharedBudgets(batch.dataRoot);
    return new Host({
      name,
      budget: hostBudget(batch, name),
      reuseWaitMs: input.onlyHost === undefined ? REUSE_WAIT_MS : 0,
      use: (events) =>
        budgets.use({
          run: input.runId,
          host: name,
          user: execution,
          ...events,
          budget: wholeBudget(batch, name),
          closeIdle: () => {
            this.options.closeIdle(name);
          },
        }),
      saved: this.before.get(name),
      opensAt: this.opensAt,
      firstPauseMs: config.outageSeconds * 1_000,
      longestPauseMs: config.maxRetryAfterSeconds * 1_000,
      sampleAhead: () => this.options.sampleAhead(this.hostNamed(name)),
      judgeNetwork: (since, failure) => this.network.judge(since, failure),
      onWait: (waitMs, code) => {
        watch.hostWaits({ host: name, waitMs, code, execution });
      },
    });
  }

  private whileWaiting<T>(
    { isSample }: Requester,
    isWaiting: boolean,
    wait: () => Promise<T>,
  ): Promise<T> {
    return isWaiting && !isSample ? this.options.slots.releaseWhile(wait) : wait();
  }

  /** @throws {HostDeferred} when the host asked for a longer wait than a batch waits. */
  private async retryAfterIsOver(
    { limiter }: Host,
    requester: Requester,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const waitMs = limiter.opensInMs();
      if (waitMs === 0 || limiter.isExhausted()) return;
      if (waitMs > LONGEST_WAIT_MS) throw new HostDeferred('the host asked for a long wait');
      await this.whileWaiting(requester, true, () =>
        delay(Math.min(CHECK_MS, waitMs), undefined, { signal }),
      );
      limiter.check(signal);
    }
  }
}

/**
 * How long a batch sends nothing at its start, in milliseconds. The lane's previous attempt may
 * have sent requests just now, on another machine, and their window of one second must end first.
 */
function quietMs({ input, attempt }: BatchOptions): number {
  const isFirst = input.previousDispatch === 0 && attempt === 1;
  return isFirst ? 0 : Math.min(WINDOW_MS, (input.timeBoxSeconds * 1_000) / 2);
}
