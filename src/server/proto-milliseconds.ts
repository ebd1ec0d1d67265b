/** Times and durations as Temporal's messages carry them. */

/** A protobuf timestamp or duration. **Units** ms, whole seconds; 0 where there is none. */
export function protoMilliseconds(time: unknown): number {
  if (typeof time !== 'object' || time === null || !('seconds' in time)) return 0;
  return Number(time.seconds) * 1_000;
}
