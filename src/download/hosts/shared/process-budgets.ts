/** The shared budgets, as one process that downloads sees them. */
import type { HostBudget } from '../../../contract/run-input';
import type { RetryAfterCode } from '../interpret-outcome';
import { WINDOW_MS } from '../limits/rate-window';
import { textOfKey, type FromOwner, type HostKey } from './budget-messages';
import { BudgetRequest } from './budget-request';
import { findOwner } from './find-owner';
import { LocalOwner } from './local-owner';
import type { OwnerLink } from './owner-link';

/** The budget of a host where sockets cannot be used: no process knows about the others there. */
const ALONE: HostBudget = { connections: 1, requestsPerSecond: 1 };

/** After this time the process tries again to find an owner. In milliseconds. */
const RETRY_MS = 10_000;

/** A batch's use of one host. */
export interface HostUseOptions extends HostKey {
  /** The whole budget of the host. The batch's lane may have only a share of it. */
  readonly budget: HostBudget;
  /** Names the batch. */
  readonly user: string;
  /** The host asked another process to wait. No request may be sent to it in the meantime. */
  readonly onWait: (waitMs: number, code: RetryAfterCode) => void;
  /** The wait that the host asked of this batch, or null. */
  readonly currentWait: () => { readonly waitMs: number; readonly code: RetryAfterCode } | null;
  /** Closes idle connections, which no budget counts. */
  readonly closeIdle: () => void;
}

export interface HostUse {
  /**
   * A redirect leads to the host. Lanes of other processes may follow redirects to it too, or own
   * it.
   */
  share(): void;
  /** Requests a permit, which is granted at once as long as the host is not shared. */
  request(): BudgetRequest;
  /** As {@link AdaptiveRate.refused}. */
  refused(startedAt: number, status: number): void;
  askedToWait(waitMs: number, code: RetryAfterCode): void;
  /** The batch has ended, and its connections are closed. */
  leave(): void;
}

export class ProcessBudgets {
  private readonly shared = new Set<string>();
  private readonly uses = new Map<string, Set<HostUseOptions>>();
  private readonly requests = new Map<number, BudgetRequest>();
  /** When the process's own latest request to a host ended, before the host was shared. */
  private readonly lastRequestAt = new Map<string, number>();
  private link: OwnerLink | null = null;
  private connecting: Promise<void> | null = null;
  private retryAt = Number.POSITIVE_INFINITY;
  private lastId = 0;
  private isClosed = false;
  private hasWarned = false;

  constructor(
    private readonly root: string,
    private readonly warn: (text: string) => void,
  ) {}

  /** Resolves when the owner has registered this process. A batch sends no request before. */
  async ready(): Promise<void> {
    if (performance.now() > this.retryAt) {
      this.link?.close();
      this.link = null;
    }
    if (this.link === null) await this.connect(0);
  }

  use(options: HostUseOptions): HostUse {
    const key = textOfKey(options);
    const { run, host, budget, user } = options;
    const uses = this.uses.get(key) ?? new Set();
    this.uses.set(key, uses.add(options));
    return {
      share: () => {
        this.shared.add(key);
      },
      request: () => this.request({ run, host }, { ...budget, user }),
      refused: (startedAt, status) => {
        if (!this.shared.has(key)) return;
        const startedAgoMs = performance.now() - startedAt;
        this.link?.send({ kind: 'refused', run, host, status, startedAgoMs });
      },
      askedToWait: (waitMs, code) => {
        if (this.shared.has(key)) this.link?.send({ kind: 'askedToWait', run, host, waitMs, code });
      },
      leave: () => {
        uses.delete(options);
        if (uses.size === 0) this.uses.delete(key);
        if (this.shared.has(key)) this.link?.send({ kind: 'left', run, host, user });
      },
    };
  }

  close(): void {
    this.isClosed = true;
    this.link?.close();
    this.link = null;
  }

  private request(key: HostKey, budget: HostBudget & { readonly user: string }): BudgetRequest {
    this.lastId += 1;
    const id = this.lastId;
    const text = textOfKey(key);
    const request: BudgetRequest = new BudgetRequest({
      id,
      key,
      budget,
      isOwn: !this.shared.has(text),
      send: (message) => this.link?.send(message),
      onRelease: () => {
        this.requests.delete(id);
        if (request.isOwn) this.noteOwnRequest(text);
      },
    });
    this.requests.set(id, request);
    if (!request.isOwn) request.register();
    return request;
  }

  private noteOwnRequest(key: string): void {
    const now = performance.now();
    this.lastRequestAt.delete(key);
    this.lastRequestAt.set(key, now);
    // The oldest entries come first.
    for (const [old, at] of this.lastRequestAt) {
      if (now - at < WINDOW_MS) return;
      this.lastRequestAt.delete(old);
    }
  }

  private connect(lost: number): Promise<void> {
    this.connecting ??= this.openLink(lost).finally(() => {
      this.connecting = null;
    });
    return this.connecting;
  }

  private async openLink(lost: number): Promise<void> {
    this.retryAt = Number.POSITIVE_INFINITY;
    const link = await findOwner(this.root, lost).catch((error: unknown) =>
      this.ownWithoutPeers(error),
    );
    if (this.isClosed) {
      link.close();
      return;
    }
    this.link = link;
    // Before `listen`, which registers the remaining requests to shared hosts.
    for (const request of [...this.requests.values()])
      if (!request.isOwn || this.shared.has(textOfKey(request.key))) request.register();
    link.listen(
      (message) => {
        this.receive(message);
      },
      () => {
        link.close();
        this.link = null;
        if (!this.isClosed) void this.connect(link.number);
      },
    );
  }

  private ownWithoutPeers(error: unknown): OwnerLink {
    if (!this.hasWarned) {
      const reason = error instanceof Error ? error.message : String(error);
      this.warn(
        `This process cannot share the budgets of hosts that redirects lead to with other processes (${reason}). It sends one request a second to each of them.`,
      );
    }
    this.hasWarned = true;
    this.retryAt = performance.now() + RETRY_MS;
    return new LocalOwner({
      number: 0,
      most: ALONE,
      isOwner: () => true,
      onClose: () => undefined,
    });
  }

  private receive(message: FromOwner): void {
    switch (message.kind) {
      case 'welcome':
        for (const host of message.hosts) this.confirm(host);
        return;
      case 'shared':
        this.confirm(message);
        return;
      case 'granted':
        if (this.requests.get(message.id)?.grant(message.isCrowded) !== true)
          this.link?.send({ kind: 'release', id: message.id });
        return;
      case 'wait':
        for (const use of this.uses.get(textOfKey(message)) ?? [])
          use.onWait(message.waitMs, message.code);
        return;
      case 'pong':
    }
  }

  /** From now on the owner grants every permit for the host, and counts the permits in use. */
  private confirm({
    run,
    host,
    isCrowded,
    round,
  }: HostKey & { readonly isCrowded: boolean; readonly round: number }): void {
    const key = textOfKey({ run, host });
    this.shared.add(key);
    for (const request of [...this.requests.values()])
      if (request.isOwn && textOfKey(request.key) === key) request.register();
    const uses = [...(this.uses.get(key) ?? [])];
    for (const use of uses) {
      const wait = use.currentWait();
      if (wait !== null && wait.waitMs > 0) {
        const { waitMs, code } = wait;
        this.link?.send({ kind: 'askedToWait', run, host, waitMs, code });
      }
      if (isCrowded) use.closeIdle();
    }
    const lastRequestAt = this.lastRequestAt.get(key) ?? Number.NEGATIVE_INFINITY;
    const quietMs = Math.max(0, lastRequestAt + WINDOW_MS - performance.now());
    const users = uses.map(({ user }) => user);
    this.link?.send({ kind: 'ack', run, host, users, quietMs, round });
  }
}
