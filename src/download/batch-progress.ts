/** Which entries of a batch are settled: the place where the next batch goes on is the first one that is not. */
import type { LanePlace } from '../contract/payloads';
import type { PlacedEntry } from '../plan/read-plan-entries';

export interface BatchProgress {
  begin(placed: PlacedEntry): { settle(): void };
  /** It is left for another batch, and was not begun. */
  putOff(placed: PlacedEntry): void;
  /** The first place that is not settled. */
  place(): LanePlace;
  /** How many entries of the lane have been begun, or lie before. */
  readTo(): number;
  isAllSettled(): boolean;
}

export function createBatchProgress(from: LanePlace): BatchProgress {
  const open: { readonly placed: PlacedEntry; isSettled: boolean }[] = [];
  let place = from;
  let readTo = from.entry;
  return {
    begin: (placed) => {
      const one = { placed, isSettled: false };
      open.push(one);
      readTo = placed.after.entry;
      return {
        settle: () => {
          one.isSettled = true;
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
