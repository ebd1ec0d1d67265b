/** The owner in this process, which is reached without a socket. */
import type { FromOwner, ToOwner } from './budget-messages';
import { BudgetOwner, type BudgetOwnerOptions, type Peer } from './budget-owner';
import type { OwnerLink } from './owner-link';

/** How often an owner checks whether another process has taken over. In milliseconds. */
const CHECK_MS = 1_000;

interface LocalOwnerOptions extends BudgetOwnerOptions {
  readonly number: number;
  readonly onClose: () => void;
}

export class LocalOwner implements OwnerLink {
  readonly number: number;
  readonly owner: BudgetOwner;
  private readonly peer: Peer;
  private readonly earlyMessages: FromOwner[] = [];
  private readonly check: NodeJS.Timeout;
  private receive: ((message: FromOwner) => void) | null = null;
  private onLost: (() => void) | null = null;
  private isClosed = false;

  constructor(private readonly options: LocalOwnerOptions) {
    this.number = options.number;
    this.owner = new BudgetOwner({ ...options, isOwner: () => this.isOwner() });
    this.peer = this.owner.join((message) => {
      if (this.receive === null) this.earlyMessages.push(message);
      else this.receive(message);
    });
    this.check = setInterval(() => {
      this.isOwner();
    }, CHECK_MS).unref();
  }

  send(message: ToOwner): void {
    if (!this.isClosed) this.peer.receive(message);
  }

  listen(receive: (message: FromOwner) => void, onLost: () => void): void {
    this.receive = receive;
    this.onLost = onLost;
    for (const message of this.earlyMessages.splice(0)) receive(message);
    if (this.isClosed) onLost();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.onLost = null;
    clearInterval(this.check);
    this.owner.close();
    this.options.onClose();
  }

  /** Steps down when another process has taken over, for example while this one was stopped. */
  private isOwner(): boolean {
    if (this.isClosed) return false;
    if (this.options.isOwner()) return true;
    const { onLost } = this;
    this.close();
    // The caller may be in the middle of a grant.
    if (onLost !== null) setImmediate(onLost);
    return false;
  }
}
