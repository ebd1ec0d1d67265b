/**
 * Errors as history may carry them: a message of megabytes would end the workflow, not only the activity, and everybody who may
 * look reads it.
 */
import { withoutSecrets } from '../contract/without-secrets';

/** **Units** UTF-16 units of a message; of a stack; errors in a chain of causes. */
const MESSAGE_LIMIT = 2_000;
const STACK_LIMIT = 4_000;
const CAUSES = 3;

/** The text without secrets, cut where it is too long for history. */
export function shortText(text: string, limit = MESSAGE_LIMIT): string {
  const clean = withoutSecrets(text);
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/** A copy whose message, stack and causes are cut; the stack begins with the message. */
export function shortError(error: Error, causes = CAUSES): Error {
  const short = new Error(shortText(error.message));
  short.name = error.name;
  short.stack = shortText((error.stack ?? '').replace(error.message, short.message), STACK_LIMIT);
  if (error.cause instanceof Error && causes > 1) short.cause = shortError(error.cause, causes - 1);
  return short;
}
