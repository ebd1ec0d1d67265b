/**
 * Which entries of a batch are settled. The next batch starts at the first entry that is not
 * settled.
 */
import type { LanePlace } from '../contract/payloads';
import type { PlacedEntry } from '../plan/read-plan-entries';

export interface BatchProgress {
  begin(placed: PlacedEntry): { settle(): void };
  /** The entry was not begun and is left for another batch. */
  putOff(placed: PlacedEntry): void;
  /** The first place that is not settled. */
  place(): LanePlace;
  /** The number of the lane's entries that have been begun, here or by earlier batches. */
  readTo(): number;
  isAllSettled(): boolean;
}

export function createBatchProgress(from: LanePlace): BatchProgress {
  const open: { readonly placed: PlacedEntry; isSettled: boolean }[] = [];
  let place = from;
  let readTo = from.entry;
  return {
    begin: (placed) => {
      const begun = { placed, isSettled: false };
      open.push(begun);
      readTo = placed.after.entry;
      return {
        settle: () => {
          begun.isSettled = true;
          while (open[0]?.isSettled === true) {
            place = open[0].placed.after;
            open.shift();
          }
        },
      };
    },
    putOff: (placed) => {
      open.push({ placed, isSettled: false });
    },
    place: () => place,
    readTo: () => readTo,
    isAllSettled: () => open.length === 0,
  };
}
