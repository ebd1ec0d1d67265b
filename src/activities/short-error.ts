/**
 * Shortens errors for Temporal's history. A message of megabytes would fail the workflow and not
 * only the activity, and everyone with access to the namespace reads it.
 */
import { withoutSecrets } from '../contract/without-secrets';

/**
 * The longest message and stack, in UTF-16 units, and the largest number of errors in a chain of
 * causes.
 */
const MESSAGE_LIMIT = 2_000;
const STACK_LIMIT = 4_000;
const CAUSES = 3;

/** The text without secrets, cut to `limit`. */
export function shortText(text: string, limit = MESSAGE_LIMIT): string {
  const clean = withoutSecrets(text);
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** A copy with shortened message, stack and causes. The stack begins with the message. */
export function shortError(error: Error, causes = CAUSES): Error {
  const short = new Error(shortText(error.message));
  short.name = error.name;
  short.stack = shortText((error.stack ?? '').replace(error.message, short.message), STACK_LIMIT);
  if (error.cause instanceof Error && causes > 1) short.cause = shortError(error.cause, causes - 1);
  return short;
}
