/**
 * An owner in another process. Messages are sent over its socket, and pings find out whether it is
 * stopped.
 */
import { fromOwner, type FromOwner, type ToOwner } from './budget-messages';
import type { MessageSocket } from './message-socket';
import type { OwnerLink } from './owner-link';

/**
 * An owner that has not answered this many pings, sent at this interval in milliseconds, is stopped
 * or hangs.
 */
const MOST_PINGS = 3;
const PING_MS = 1_000;

interface RemoteOwnerOptions {
  readonly socket: MessageSocket;
  readonly number: number;
  readonly onClose: () => void;
}

export class RemoteOwner implements OwnerLink {
  readonly number: number;
  private readonly earlyMessages: FromOwner[] = [];
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
      this.sendPing();
    }, PING_MS);
    socket.listen(
      (message) => {
        this.acceptMessage(fromOwner.parse(message));
      },
      () => {
        this.reportLost();
      },
    );
  }

  /**
   * Waits for the owner's first message. A connection alone proves nothing, because the socket of a
   * stopped process accepts it too.
   *
   * @returns false when the owner is stopped or dies.
   */
  welcomed(): Promise<boolean> {
    return new Promise((resolve) => {
      this.onWelcome = resolve;
      if (this.earlyMessages.length > 0 || this.isLost) resolve(!this.isLost);
    });
  }

  send(message: ToOwner): void {
    this.options.socket.send(message);
  }

  listen(receive: (message: FromOwner) => void, onLost: () => void): void {
    this.receive = receive;
    this.onLost = onLost;
    // From here on requests keep the process alive, and the link does not.
    this.pings.unref();
    for (const message of this.earlyMessages.splice(0)) receive(message);
    if (this.isLost) onLost();
  }

  close(): void {
    this.onLost = null;
    clearInterval(this.pings);
    this.options.socket.close();
    this.options.onClose();
  }

  /**
   * Counts pings instead of time: after this process was stopped, silence would not be the owner's
   * fault.
   */
  private sendPing(): void {
    if (this.unanswered >= MOST_PINGS) this.options.socket.close();
    this.unanswered += 1;
    this.send({ kind: 'ping' });
  }

  private acceptMessage(message: FromOwner): void {
    this.unanswered = 0;
    if (this.receive !== null) this.receive(message);
    else this.earlyMessages.push(message);
    if (message.kind === 'welcome') this.onWelcome(true);
  }

  private reportLost(): void {
    clearInterval(this.pings);
    this.isLost = true;
    this.onWelcome(false);
    this.onLost?.();
  }
}
