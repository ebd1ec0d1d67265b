/** The command was used wrongly. The message says what was given and what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
