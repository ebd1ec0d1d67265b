/** Which of a lane's ledgers its next batch has to read. */
import type { OpenLane } from '../../contract/download';
import type { DownloadBatchResult } from '../../contract/payloads';

/** A place that stands still must not make a batch forget what older ledgers hold beyond it: it would be fetched again. */
export function ledgersBeyond(
  { previousDispatch, readTo }: OpenLane,
  dispatch: number,
  result: DownloadBatchResult,
): Pick<OpenLane, 'previousDispatch' | 'readTo'> {
  const arePassed = result.place !== null && result.place.entry >= readTo;
  if (arePassed) return { previousDispatch: dispatch, readTo: result.readTo };
  return { previousDispatch, readTo: Math.max(readTo, result.readTo) };
}
