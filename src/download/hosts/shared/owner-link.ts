/** The way to the owner of the shared budgets, which is this process or another one. */
import type { FromOwner, ToOwner } from './budget-messages';

export interface OwnerLink {
  /** The number of the owner's marker; 0 without one. */
  readonly number: number;
  send(message: ToOwner): void;
  /**
   * Called once; messages that came before are handed over at once. `onLost`: the owner is gone, and what was sent lately may not
   * have arrived.
   */
  listen(receive: (message: FromOwner) => void, onLost: () => void): void;
  /** Frees what the link holds; `onLost` is not called any more. */
  close(): void;
}
