/**
 * Whether this machine's network works, as far as the downloads of this process show. There is one
 * monitor per process, because all batches use the same network.
 *
 * A host that never answered says nothing about the network. When hosts that did answer stop
 * answering, or the system has no route, the monitor opens connections to hosts that answered
 * before. A connection that opens or is refused proves that the network works. When none does, the
 * network is down, and nothing is sent until a probe succeeds.
 */
import type { ImageCode } from '../../../contract/outcome';
import { probeEndpoints, type Endpoint } from '../../../http/connect/probe-endpoints';
import type { FetchFailure } from '../../../http/failures/fetch-failure';
import { createFailureWindow, type FailureWindow } from '../outages/failure-window';
import { probeWaitMs } from '../outages/probe-schedule';

/** The number of endpoints that are remembered, and how many of them one check probes. */
const MOST_REMEMBERED = 16;
const MOST_PROBED = 4;

/** With fewer different addresses than this, their silence is no proof that the network is down. */
const LEAST_ADDRESSES = 2;

/**
 * In milliseconds: the time limit of one connection of a check, and how long the result of a check
 * is valid.
 */
const CONNECT_MS = 3_000;
const CHECK_HOLDS_MS = 1_000;

/**
 * Why the network is down. `probeProxy` is that of the failure. `proxyFault` says what the proxy
 * did; null when it is not the cause.
 */
type Outage = Pick<FetchFailure, 'code' | 'probeProxy'> & { readonly proxyFault: string | null };

export type CheckResult = 'up' | 'down' | 'unknown';

/** The state of the name servers. */
export interface ResolverHealth {
  /** A name server has answered a query since `time` (a time of `performance.now()`). */
  hasAnsweredSince(time: number): boolean;
  /**
   * Looks up a name that was resolved before.
   *
   * @returns whether a name server answered.
   */
  probe(name: string): Promise<boolean>;
}

export class NetworkMonitor {
  private lastAnswerAt = Number.NEGATIVE_INFINITY;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly suspects = new Set<string>();
  private window = this.newWindow();
  private down: Outage | null = null;
  private checking: Promise<CheckResult> | null = null;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private lastCheck: CheckResult = 'unknown';
  /** Probes of an outage are under way. When they end without success, the lanes pause. */
  private probing: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly resolver: ResolverHealth) {}

  /** An HTTP answer arrived, which proves that the network works. */
  answered(endpoint: Endpoint | null): void {
    this.lastAnswerAt = performance.now();
    if (endpoint !== null) this.remember(endpoint);
    if (this.suspects.size > 0 || this.down !== null) {
      this.window.verdict = this.down === null ? 'own' : 'outage';
      this.window = this.newWindow();
    }
    this.suspects.clear();
    if (this.down !== null) this.comeBack();
  }

  /** Endpoints that answered in this process, the latest last. */
  answeredEndpoints(): readonly Endpoint[] {
    return [...this.endpoints.values()];
  }

  /** Adds endpoints that answered another process of the same run. */
  addEndpoints(endpoints: readonly Endpoint[]): void {
    for (const endpoint of endpoints)
      if (this.endpoints.size < MOST_REMEMBERED && !this.endpoints.has(endpoint.host))
        this.endpoints.set(endpoint.host, endpoint);
  }

  /**
   * Reports a request without an answer. Starts a check when a host that had answered is affected,
   * or when the system has no route.
   *
   * @param startedAt when the request began (a time of `performance.now()`); an answer since then
   *   proves that the network works.
   * @returns the window that the failure belongs to; null when the network did not cause it.
   */
  failed(
    host: { readonly name: string; readonly hasAnswered: boolean },
    failure: FetchFailure,
    { startedAt, firstPauseMs }: { readonly startedAt: number; readonly firstPauseMs: number },
  ): FailureWindow | null {
    const { window } = this;
    if (failure.probeProxy !== null) {
      this.goDown(failure, firstPauseMs);
      return window;
    }
    if (this.lastAnswerAt > startedAt) return null;
    if (this.down !== null || (!host.hasAnswered && !failure.noRoute)) return window;
    this.suspects.add(host.name);
    void this.check(failure).then((result) => {
      if (result === 'down' && this.lastAnswerAt <= startedAt) this.goDown(failure, firstPauseMs);
      else if (window.verdict === 'open' && this.window === window && this.suspects.size > 0) {
        // The hosts themselves are down.
        this.suspects.clear();
        window.verdict = 'own';
        this.window = this.newWindow();
      }
    });
    return window;
  }

  /** Whether the network may have caused failures without an answer that began at `since`. */
  async judge(since: number, failure: FetchFailure, firstPauseMs: number): Promise<CheckResult> {
    if (this.down !== null) return 'down';
    if (this.isProvenUp(since, failure)) return 'up';
    const result = await this.check(failure);
    if (result === 'down') this.goDown(failure, firstPauseMs);
    return result;
  }

  isDown(): boolean {
    return this.down !== null;
  }

  /** The code of the failure that revealed the outage. */
  code(): ImageCode {
    return this.down?.code ?? 'connect';
  }

  /** What the proxy did that nothing can be reached; null when it is not the cause. */
  proxyFault(): string | null {
    return this.down?.proxyFault ?? null;
  }

  /**
   * Waits until the network is up, or all probes of this outage have failed.
   *
   * @returns whether the network is up.
   */
  async waitForProbes(firstPauseMs: number): Promise<boolean> {
    if (this.down !== null) await (this.probing ?? this.probeOnce(firstPauseMs));
    return this.down === null;
  }

  /**
   * Calls `listener` whenever the network goes down or comes back.
   *
   * @returns a function that removes the listener.
   */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /**
   * A name server may be near (a router) and answer from its cache while its own network is down,
   * so its answers prove nothing before some host has answered.
   */
  private isProvenUp(since: number, { resolverUnreachable }: FetchFailure): boolean {
    if (!resolverUnreachable) return this.lastAnswerAt > since;
    return Number.isFinite(this.lastAnswerAt) && this.resolver.hasAnsweredSince(since);
  }

  private newWindow(): FailureWindow {
    return createFailureWindow(() => this.checking !== null || this.down !== null);
  }

  private remember(endpoint: Endpoint): void {
    this.endpoints.delete(endpoint.host);
    this.endpoints.set(endpoint.host, endpoint);
    const [oldest] = this.endpoints.keys();
    if (this.endpoints.size > MOST_REMEMBERED && oldest !== undefined)
      this.endpoints.delete(oldest);
  }

  private goDown(failure: FetchFailure, firstPauseMs: number): void {
    if (this.down !== null) return;
    const { code, probeProxy, proxyInDoubt, message } = failure;
    const proxyFault = probeProxy === null ? null : message;
    this.down = { code, probeProxy: probeProxy ?? proxyInDoubt, proxyFault };
    this.window.verdict = 'outage';
    this.probing = this.probeUntilUp(firstPauseMs).finally(() => {
      this.probing = null;
    });
    this.notifyListeners();
  }

  private comeBack(): void {
    this.down = null;
    this.suspects.clear();
    this.window = this.newWindow();
    this.notifyListeners();
  }

  private notifyListeners(): void {
    for (const listener of this.listeners) listener();
  }

  private async probeUntilUp(firstPauseMs: number): Promise<void> {
    for (let n = 0; ; n += 1) {
      const waitMs = probeWaitMs(n, firstPauseMs);
      if (waitMs === null || this.down === null) return;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await this.probeOnce(firstPauseMs);
    }
  }

  private async probeOnce(firstPauseMs: number): Promise<void> {
    if (this.down === null) return;
    this.checkedAt = Number.NEGATIVE_INFINITY;
    const { code, probeProxy } = this.down;
    const limitMs = Math.max(200, Math.min(CONNECT_MS, firstPauseMs));
    const isUp =
      probeProxy === null
        ? (await this.checkReachability({ isDns: code === 'dns', limitMs })) === 'up'
        : await probeProxy();
    if (isUp) this.comeBack();
  }

  private check(failure: FetchFailure): Promise<CheckResult> {
    if (performance.now() - this.checkedAt < CHECK_HOLDS_MS && this.lastAnswerAt <= this.checkedAt)
      return Promise.resolve(this.lastCheck);
    this.checking ??= this.checkCause(failure).then((result) => {
      this.checkedAt = performance.now();
      this.lastCheck = result;
      this.checking = null;
      return result;
    });
    return this.checking;
  }

  /** Connections to a proxy that hangs still open, so it is asked for an answer. */
  private async checkCause({
    resolverUnreachable,
    proxyInDoubt,
  }: FetchFailure): Promise<CheckResult> {
    if (proxyInDoubt !== null && !(await proxyInDoubt())) return 'down';
    return this.checkReachability({ isDns: resolverUnreachable, limitMs: CONNECT_MS });
  }

  /** @param options with `isDns`: no name server answered, so the name servers are asked. */
  private async checkReachability(options: {
    readonly isDns: boolean;
    readonly limitMs: number;
  }): Promise<CheckResult> {
    const candidates = this.latestByAddress();
    if (candidates.length === 0) return 'unknown';
    if (options.isDns) {
      const names = candidates
        .filter(({ isName }) => isName)
        .map(({ host }) => host.replace(/:\d+$/, ''));
      if (names.length > 0) {
        const answers = await Promise.all(names.map((name) => this.resolver.probe(name)));
        return answers.some(Boolean) ? 'up' : 'down';
      }
    }
    const results = await probeEndpoints(candidates, options.limitMs);
    if (results.includes('reached')) return 'up';
    if (results.includes('no route')) return 'down';
    return candidates.length >= LEAST_ADDRESSES ? 'down' : 'unknown';
  }

  private latestByAddress(): readonly Endpoint[] {
    const byAddress = new Map([...this.endpoints.values()].map((one) => [one.address, one]));
    return [...byAddress.values()].slice(-MOST_PROBED);
  }
}
