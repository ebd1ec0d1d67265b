/** Compares the bytes of a body that arrived with its Content-Length, which counts coded bytes. */
import { FetchFailure } from '../failures/fetch-failure';

/** @throws FetchFailure `truncated`. `declared` is null without a Content-Length. */
export function checkLength(byteCount: number, declared: number | null): void {
  if (declared !== null && byteCount < declared)
    throw new FetchFailure('truncated', `${byteCount} of ${declared} bytes came`);
}
