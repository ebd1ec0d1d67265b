/** Distinguishes the errors of a server that does not answer from those of one that does. */
import { isGrpcServiceError } from '@temporalio/client';
import { DEADLINE_EXCEEDED, UNAVAILABLE } from './grpc-codes';

/** True when an error means that no server answered, even if other errors wrap it. */
export function isSilence(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return [DEADLINE_EXCEEDED, UNAVAILABLE].includes(cause.code);
  }
  return false;
}
