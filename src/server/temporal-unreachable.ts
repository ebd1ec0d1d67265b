/**
 * No Temporal server can be used. The message says what was tried, what was found, and what to do.
 */
export class TemporalUnreachable extends Error {
  override readonly name = 'TemporalUnreachable';
  /** Null when none is configured and none runs. */
  readonly address: string | null;

  constructor(address: string | null, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.address = address;
  }
}
