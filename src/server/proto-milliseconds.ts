/** Times and durations in Temporal's messages. */

/**
 * A protobuf timestamp or duration in milliseconds, rounded down to whole seconds; 0 where there is
 * none.
 */
export function protoMilliseconds(time: unknown): number {
  if (typeof time !== 'object' || time === null || !('seconds' in time)) return 0;
  return Number(time.seconds) * 1_000;
}
