/**
 * The owner of the shared budgets of a data root. It grants the permits for shared hosts to every
 * process that downloads.
 */
import { lowerBudget } from '../../../contract/hosts/host-budget';
import type { HostBudget } from '../../../contract/run-input';
import type { RetryAfterCode } from '../interpret-outcome';
import { LONGEST_WAY_MS, WINDOW_MS } from '../limits/rate-window';
import { textOfKey, type FromOwner, type HostKey, type ToOwner } from './budget-messages';
import { OwnedBudget, type Ticket } from './owned-budget';

/**
 * A process that has not confirmed within this time that it shares a host is stopped and sends no
 * requests. In milliseconds.
 */
const LONGEST_ACK_MS = 3_000;

/** A host that no batch uses is forgotten after this time. In milliseconds. */
const UNUSED_MS = 60_000;

/** One connected process. */
export interface Peer {
  receive(message: ToOwner): void;
  /** The process has ended: its permits are free. */
  leave(): void;
}

interface PeerState {
  readonly send: (message: FromOwner) => void;
  readonly tickets: Map<number, { readonly ticket: Ticket; readonly host: SharedHost }>;
}

interface SharedHost {
  readonly key: HostKey;
  readonly budget: OwnedBudget;
  /** Batches that may have connections, and their processes. */
  readonly users: Map<string, PeerState>;
  /** Processes that have not confirmed yet. No permit is granted before they have. */
  readonly unconfirmed: Set<PeerState>;
  isCrowded: boolean;
  /** The wait that the host asked for, or null. `until` is a time of `performance.now()`. */
  wait: { readonly until: number; readonly code: RetryAfterCode } | null;
  /** How often the host was announced. */
  round: number;
  timer: NodeJS.Timeout | null;
}

export interface BudgetOwnerOptions {
  /** Called before each grant. Returns false when another process has taken over. */
  readonly isOwner: () => boolean;
  /** An upper limit for every budget. */
  readonly most?: HostBudget;
}

export class BudgetOwner {
  private readonly hosts = new Map<string, SharedHost>();
  private readonly peers = new Set<PeerState>();
  /** Permits of a former owner may have been used just before, including those of this process. */
  private readonly opensAt = performance.now() + WINDOW_MS + LONGEST_WAY_MS;

  constructor(private readonly options: BudgetOwnerOptions) {}

  join(send: (message: FromOwner) => void): Peer {
    const peer: PeerState = { send, tickets: new Map() };
    this.peers.add(peer);
    const hosts = [...this.hosts.values()];
    send({
      kind: 'welcome',
      hosts: hosts.map(({ key, isCrowded, round }) => ({ ...key, isCrowded, round })),
    });
    return {
      receive: (message) => {
        this.receive(peer, message);
      },
      leave: () => {
        this.leave(peer);
      },
    };
  }

  close(): void {
    for (const { budget, timer } of this.hosts.values()) {
      budget.close();
      if (timer !== null) clearTimeout(timer);
    }
    this.hosts.clear();
    this.peers.clear();
  }

  private receive(peer: PeerState, message: ToOwner): void {
    switch (message.kind) {
      case 'acquire':
      case 'adopt':
        this.open(peer, message);
        return;
      case 'sent':
      case 'answered':
      case 'release':
        this.progress(peer, message);
        return;
      case 'ping':
        peer.send({ kind: 'pong' });
        return;
      default:
        this.report(peer, message);
    }
  }

  private open(peer: PeerState, message: Extract<ToOwner, { kind: 'acquire' | 'adopt' }>): void {
    const { id } = message;
    if (peer.tickets.has(id)) return;
    const host = this.hostFor(message);
    host.budget.narrow(this.capped(message));
    const grant = (): void => {
      peer.send({ kind: 'granted', id, isCrowded: host.isCrowded });
    };
    const ticket: Ticket = { grant, time: null };
    peer.tickets.set(id, { ticket, host });
    this.addUsers(host, peer, [message.user]);
    if (message.kind === 'acquire') {
      reportWait(host, peer);
      host.budget.acquire(ticket);
    } else {
      host.budget.adopt(ticket);
      if (message.isSent) host.budget.sent(ticket);
    }
  }

  private progress(
    peer: PeerState,
    { kind, id }: Extract<ToOwner, { kind: 'sent' | 'answered' | 'release' }>,
  ): void {
    const known = peer.tickets.get(id);
    if (known === undefined) return;
    if (kind === 'release') peer.tickets.delete(id);
    known.host.budget[kind](known.ticket);
  }

  private report(
    peer: PeerState,
    message: Extract<ToOwner, { kind: 'refused' | 'askedToWait' | 'ack' | 'left' }>,
  ): void {
    const host = this.hosts.get(textOfKey(message));
    if (host === undefined) return;
    if (message.kind === 'refused') host.budget.refused(message.status, message.startedAgoMs);
    else if (message.kind === 'askedToWait') {
      const { waitMs, code } = message;
      const until = performance.now() + waitMs;
      host.budget.holdFor(waitMs);
      if (until > (host.wait?.until ?? 0)) host.wait = { until, code };
      for (const each of this.peers) reportWait(host, each);
    } else if (message.kind === 'left') this.removeUser(host, message.user);
    else {
      if (message.quietMs > 0) host.budget.holdFor(message.quietMs);
      if (message.round === host.round) host.unconfirmed.delete(peer);
      this.addUsers(host, peer, message.users);
      host.budget.grantWaiting();
    }
  }

  private hostFor(message: HostKey & HostBudget): SharedHost {
    const known = this.hosts.get(textOfKey(message));
    if (known !== undefined) return known;
    for (const [text, { users, budget }] of this.hosts)
      if (users.size === 0 && budget.isUnusedFor(UNUSED_MS)) this.hosts.delete(text);
    const host: SharedHost = {
      key: { run: message.run, host: message.host },
      budget: new OwnedBudget({
        budget: this.capped(message),
        opensAt: this.opensAt,
        mayGrant: () => host.unconfirmed.size === 0 && this.options.isOwner(),
      }),
      users: new Map(),
      unconfirmed: new Set(),
      isCrowded: false,
      wait: null,
      round: 0,
      timer: null,
    };
    this.hosts.set(textOfKey(message), host);
    this.announce(host);
    return host;
  }

  /** Announces the host to all processes, and grants nothing until each of them has confirmed. */
  private announce(host: SharedHost): void {
    for (const peer of this.peers) host.unconfirmed.add(peer);
    if (host.timer !== null) clearTimeout(host.timer);
    host.timer = setTimeout(() => {
      host.unconfirmed.clear();
      host.budget.grantWaiting();
    }, LONGEST_ACK_MS).unref();
    host.round += 1;
    // A process that confirms at once may cause the next announcement.
    for (const { send } of [...this.peers]) {
      const { key, isCrowded, round } = host;
      send({ kind: 'shared', ...key, isCrowded, round });
    }
  }

  private addUsers(host: SharedHost, peer: PeerState, users: readonly string[]): void {
    for (const user of users) host.users.set(user, peer);
    if (host.isCrowded || host.users.size <= 1) return;
    host.isCrowded = true;
    this.announce(host);
  }

  private removeUser(host: SharedHost, user: string): void {
    host.users.delete(user);
    if (host.users.size <= 1) host.isCrowded = false;
  }

  private leave(peer: PeerState): void {
    this.peers.delete(peer);
    for (const { ticket, host } of peer.tickets.values()) host.budget.abandon(ticket);
    peer.tickets.clear();
    for (const host of this.hosts.values()) {
      for (const [user, owner] of host.users) if (owner === peer) this.removeUser(host, user);
      if (host.unconfirmed.delete(peer)) host.budget.grantWaiting();
    }
  }

  private capped({ connections, requestsPerSecond }: HostBudget): HostBudget {
    const asked = { connections, requestsPerSecond };
    return lowerBudget(asked, this.options.most ?? asked);
  }
}

/**
 * Reports the host's wait. A batch leaves the host to a later batch when the wait is longer than a
 * batch waits.
 */
function reportWait({ key, wait }: SharedHost, { send }: PeerState): void {
  if (wait === null) return;
  const waitMs = wait.until - performance.now();
  if (waitMs > 0) send({ kind: 'wait', ...key, waitMs, code: wait.code });
}
