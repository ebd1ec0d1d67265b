/**
 * The error of a batch that must wait to be isolated. It loads nothing, because every worker knows
 * it.
 */
/**
 * Attempts of one batch that died for unknown reasons before it is isolated. Fewer deaths may be
 * due to the operator or the machine.
 */
export const DEATHS = 2;

/** This worker has enough isolated batches. The attempt is retried soon. */
export class NoRoomIsolated extends Error {
  override readonly name = 'NoRoomIsolated';

  constructor() {
    super(
      `${DEATHS} workers died over this batch, so it runs in a process of its own, and waits for room to do so`,
    );
  }
}
