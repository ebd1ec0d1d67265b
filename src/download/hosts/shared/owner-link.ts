/** The connection to the owner of the shared budgets, which is this process or another one. */
import type { FromOwner, ToOwner } from './budget-messages';

export interface OwnerLink {
  /** The number of the owner's marker; 0 without one. */
  readonly number: number;
  send(message: ToOwner): void;
  /**
   * Must be called once. Messages that arrived before are delivered at once. `onLost` means that
   * the owner has ended, and that the latest messages to it may not have arrived.
   */
  listen(receive: (message: FromOwner) => void, onLost: () => void): void;
  /** Releases what the link holds. `onLost` is not called any more. */
  close(): void;
}
