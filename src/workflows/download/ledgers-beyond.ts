/** The ledgers of a lane that its next batch has to read. */
import type { OpenLane } from '../../contract/download-workflow';
import type { DownloadBatchResult } from '../../contract/payloads';

/**
 * Older ledgers may hold results beyond a place that has not advanced. A batch that ignored them
 * would fetch those images again.
 */
export function ledgersBeyond(
  { previousDispatch, readTo }: OpenLane,
  dispatch: number,
  result: DownloadBatchResult,
): Pick<OpenLane, 'previousDispatch' | 'readTo'> {
  const arePassed = result.place !== null && result.place.entry >= readTo;
  if (arePassed) return { previousDispatch: dispatch, readTo: result.readTo };
  return { previousDispatch, readTo: Math.max(readTo, result.readTo) };
}
