/**
 * Whether this machine's network works, as far as the downloads of this process can tell. One a process: the network is
 * the same for all batches.
 *
 * A host that never answered says nothing about the network. When hosts that did answer stop answering, or the system has
 * no route, the monitor asks: it opens a connection to hosts that answered before. One that opens, or is refused, proves
 * that the network works; when none does, the network is down, and nobody sends anything until one does again.
 */
import type { ImageCode } from '../../../contract/outcome';
import { probeEndpoints, type Endpoint } from '../../../http/connect/probe-endpoints';
import type { FetchFailure } from '../../../http/fetch-failure';
import { createFailureWindow, type FailureWindow } from '../outages/failure-window';
import { probeWaitMs } from '../outages/probe-schedule';

/** Endpoints that are remembered, and how many of them one check asks. */
const MOST_REMEMBERED = 16;
const MOST_ASKED = 4;

/** Fewer different addresses are too few to blame the network for their silence. */
const LEAST_ADDRESSES = 2;

/** **Units** ms: for one connection of a check; for how long the result of a check holds. */
const CONNECT_MS = 3_000;
const CHECK_HOLDS_MS = 1_000;

export type CheckResult = 'up' | 'down' | 'unknown';

/** What is known of the name server. */
export interface ResolverHealth {
  /** A name server has answered a question since then (as of `performance.now()`). */
  hasAnsweredSince(time: number): boolean;
  /** Asks for a name that resolved before. @returns whether a name server answered. */
  probe(name: string): Promise<boolean>;
}

export class NetworkMonitor {
  private lastAnswerAt = Number.NEGATIVE_INFINITY;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly suspects = new Set<string>();
  private window = this.newWindow();
  private down: { readonly code: ImageCode } | null = null;
  private checking: Promise<CheckResult> | null = null;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private lastCheck: CheckResult = 'unknown';
  /** Probes of an outage are under way; afterwards the lanes pause. */
  private probing: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly resolver: ResolverHealth) {}

  /** An HTTP answer came: the network works. */
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

  /** Endpoints that answered another process over the same run. */
  learn(endpoints: readonly Endpoint[]): void {
    for (const endpoint of endpoints)
      if (this.endpoints.size < MOST_REMEMBERED && !this.endpoints.has(endpoint.host))
        this.endpoints.set(endpoint.host, endpoint);
  }

  /**
   * A request got no answer. Starts a check when hosts that had answered are concerned, or the system has no route.
   *
   * @param startedAt when it began, as of `performance.now()`: an answer since then clears the network.
   * @returns the window that the failure belongs to; null when the network is not to blame.
   */
  failed(
    host: { readonly name: string; readonly hasAnswered: boolean },
    failure: FetchFailure,
    { startedAt, firstPauseMs }: { readonly startedAt: number; readonly firstPauseMs: number },
  ): FailureWindow | null {
    if (this.lastAnswerAt > startedAt) return null;
    const { window } = this;
    if (this.down !== null || (!host.hasAnswered && !failure.noRoute)) return window;
    this.suspects.add(host.name);
    void this.check(failure).then((result) => {
      if (result === 'down' && this.lastAnswerAt <= startedAt)
        this.goDown(failure.code, firstPauseMs);
      else if (window.verdict === 'open' && this.window === window && this.suspects.size > 0) {
        // The hosts are to blame.
        this.suspects.clear();
        window.verdict = 'own';
        this.window = this.newWindow();
      }
    });
    return window;
  }

  /** Whether failures without an answer that began at `since` can be blamed on the network. */
  async judge(since: number, failure: FetchFailure, firstPauseMs: number): Promise<CheckResult> {
    if (this.down !== null) return 'down';
    const isProven = failure.resolverUnreachable
      ? this.resolver.hasAnsweredSince(since)
      : this.lastAnswerAt > since;
    if (isProven) return 'up';
    const result = await this.check(failure);
    if (result === 'down') this.goDown(failure.code, firstPauseMs);
    return result;
  }

  isDown(): boolean {
    return this.down !== null;
  }

  /** Why it is down. */
  code(): ImageCode {
    return this.down?.code ?? 'connect';
  }

  /** Waits until the network is up, or its probes have all failed. @returns whether it is up. */
  async probed(firstPauseMs: number): Promise<boolean> {
    if (this.down !== null) await (this.probing ?? this.probeOnce(firstPauseMs));
    return this.down === null;
  }

  /** @returns what takes the listener back. Called whenever the network goes down or comes back. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
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

  private goDown(code: ImageCode, firstPauseMs: number): void {
    if (this.down !== null) return;
    this.down = { code };
    this.window.verdict = 'outage';
    this.probing = this.probeUntilUp(firstPauseMs).finally(() => {
      this.probing = null;
    });
    this.tellListeners();
  }

  private comeBack(): void {
    this.down = null;
    this.suspects.clear();
    this.window = this.newWindow();
    this.tellListeners();
  }

  private tellListeners(): void {
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
    const isResolver = this.down.code === 'dns';
    const result = await this.ask(isResolver, Math.max(200, Math.min(CONNECT_MS, firstPauseMs)));
    if (result === 'up') this.comeBack();
  }

  private check(failure: FetchFailure): Promise<CheckResult> {
    if (performance.now() - this.checkedAt < CHECK_HOLDS_MS && this.lastAnswerAt <= this.checkedAt)
      return Promise.resolve(this.lastCheck);
    this.checking ??= this.ask(failure.resolverUnreachable, CONNECT_MS).then((result) => {
      this.checkedAt = performance.now();
      this.lastCheck = result;
      this.checking = null;
      return result;
    });
    return this.checking;
  }

  /** `isResolver`: names did not resolve because no name server answered. */
  private async ask(isResolver: boolean, limitMs: number): Promise<CheckResult> {
    const asked = this.latestByAddress();
    if (asked.length === 0) return 'unknown';
    if (isResolver) {
      const names = asked
        .filter(({ isName }) => isName)
        .map(({ host }) => host.replace(/:\d+$/, ''));
      if (names.length > 0) {
        const answers = await Promise.all(names.map((name) => this.resolver.probe(name)));
        return answers.some(Boolean) ? 'up' : 'down';
      }
    }
    const results = await probeEndpoints(asked, limitMs);
    if (results.includes('reached')) return 'up';
    if (results.includes('no route')) return 'down';
    return asked.length >= LEAST_ADDRESSES ? 'down' : 'unknown';
  }

  private latestByAddress(): readonly Endpoint[] {
    const byAddress = new Map([...this.endpoints.values()].map((one) => [one.address, one]));
    return [...byAddress.values()].slice(-MOST_ASKED);
  }
}
