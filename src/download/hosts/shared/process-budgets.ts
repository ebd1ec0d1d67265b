/** The shared budgets, as one process that downloads knows them. */
import type { HostBudget } from '../../../contract/run-input';
import type { RetryAfterCode } from '../interpret-outcome';
import { WINDOW_MS } from '../limits/rate-window';
import { textOfKey, type FromOwner, type HostKey } from './budget-messages';
import { BudgetRequest } from './budget-request';
import { findOwner } from './find-owner';
import { LocalOwner } from './local-owner';
import type { OwnerLink } from './owner-link';

/** Where sockets cannot be used, one process cannot know of the others. */
const ALONE: HostBudget = { connections: 1, requestsPerSecond: 1 };

/** After so long it is tried again to find an owner. **Units** ms. */
const RETRY_MS = 10_000;

/** A batch's use of one host. */
export interface HostUseOptions extends HostKey {
  /** The whole budget of the host, of which the batch's lane may have a share only. */
  readonly budget: HostBudget;
  /** Names the batch. */
  readonly user: string;
  /** Another process was asked to wait: nobody may ask the host meanwhile. */
  readonly onWait: (waitMs: number, code: RetryAfterCode) => void;
  /** The wait that the host asked this batch for; null: none. */
  readonly currentWait: () => { readonly waitMs: number; readonly code: RetryAfterCode } | null;
  /** Idle connections are counted by nobody: closes them. */
  readonly closeIdle: () => void;
}

export interface HostUse {
  /** A redirect leads to the host: lanes of other processes may do so too, or own it. */
  share(): void;
  /** A permit; it is granted at once as long as the host is not shared. */
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
  /** When the process's own requests to a host ended last, before it was shared. */
  private readonly askedAt = new Map<string, number>();
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

  /** Resolves when the owner knows this process. A batch sends no request before. */
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
      ...{ id, key, budget },
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
    this.askedAt.delete(key);
    this.askedAt.set(key, now);
    // The oldest come first.
    for (const [old, at] of this.askedAt) {
      if (now - at < WINDOW_MS) return;
      this.askedAt.delete(old);
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
    const link = await findOwner(this.root, lost).catch((error: unknown) => this.alone(error));
    if (this.isClosed) {
      link.close();
      return;
    }
    this.link = link;
    // Before `listen`, which makes the remaining requests to shared hosts known.
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

  private alone(error: unknown): OwnerLink {
    if (!this.hasWarned) {
      const reason = error instanceof Error ? error.message : String(error);
      this.warn(
        `This process cannot share the budgets of hosts that redirects lead to with other processes (${reason}). It sends one request a second to each of them.`,
      );
    }
    this.hasWarned = true;
    this.retryAt = performance.now() + RETRY_MS;
    return new LocalOwner({
      ...{ number: 0, most: ALONE },
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

  /** From now on the owner grants every permit for the host, and counts those that are in use. */
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
    const askedAt = this.askedAt.get(key) ?? Number.NEGATIVE_INFINITY;
    const quietMs = Math.max(0, askedAt + WINDOW_MS - performance.now());
    const users = uses.map(({ user }) => user);
    this.link?.send({ kind: 'ack', run, host, users, quietMs, round });
  }
}
