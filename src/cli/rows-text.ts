/** Writes how far a catalog has been read, for `run` and `status`. */
import { amountText } from '../contract/quantities';
import type { IngestProgress } from '../contract/run-record';

export function rowsText({ rows, ratePerSecond }: IngestProgress): string {
  return `${amountText(rows)} rows read, ${amountText(ratePerSecond)}/s`;
}
