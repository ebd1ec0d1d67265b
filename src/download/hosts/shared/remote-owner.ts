/** An owner in another process: messages go over its socket, and pings find out when it is stopped. */
import { fromOwner, type FromOwner, type ToOwner } from './budget-messages';
import type { MessageSocket } from './message-socket';
import type { OwnerLink } from './owner-link';

/** An owner is stopped, or hangs, when it has not answered so many pings. **Units** pings, ms. */
const MOST_PINGS = 3;
const PING_MS = 1_000;

interface RemoteOwnerOptions {
  readonly socket: MessageSocket;
  readonly number: number;
  readonly onClose: () => void;
}

export class RemoteOwner implements OwnerLink {
  readonly number: number;
  private readonly early: FromOwner[] = [];
  private receive: ((message: FromOwner) => void) | null = null;
  private onLost: (() => void) | null = null;
  private onWelcome: (isWelcome: boolean) => void = () => undefined;
  private isLost = false;
  private unanswered = 0;
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly options: RemoteOwnerOptions) {
    const { socket, number } = options;
    this.number = number;
    this.pings = setInterval(() => {
      this.ping();
    }, PING_MS);
    socket.listen(
      (message) => {
        this.accept(fromOwner.parse(message));
      },
      () => {
        this.lose();
      },
    );
  }

  /** @returns false when the owner is stopped, or dies: a stopped process's socket can be connected to. */
  welcomed(): Promise<boolean> {
    return new Promise((resolve) => {
      this.onWelcome = resolve;
      if (this.early.length > 0 || this.isLost) resolve(!this.isLost);
    });
  }

  send(message: ToOwner): void {
    this.options.socket.send(message);
  }

  listen(receive: (message: FromOwner) => void, onLost: () => void): void {
    this.receive = receive;
    this.onLost = onLost;
    // From here on requests keep the process alive, not the link.
    this.pings.unref();
    for (const message of this.early.splice(0)) receive(message);
    if (this.isLost) onLost();
  }

  close(): void {
    this.onLost = null;
    clearInterval(this.pings);
    this.options.socket.close();
    this.options.onClose();
  }

  /** Pings are counted, not time: after a stop of this process the owner is not to blame for the silence. */
  private ping(): void {
    if (this.unanswered >= MOST_PINGS) this.options.socket.close();
    this.unanswered += 1;
    this.send({ kind: 'ping' });
  }

  private accept(message: FromOwner): void {
    this.unanswered = 0;
    if (this.receive !== null) this.receive(message);
    else this.early.push(message);
    if (message.kind === 'welcome') this.onWelcome(true);
  }

  private lose(): void {
    clearInterval(this.pings);
    this.isLost = true;
    this.onWelcome(false);
    this.onLost?.();
  }
}
