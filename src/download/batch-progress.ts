/** Which entries of a batch are settled: the place where the next batch goes on is the first one that is not. */
import type { LanePlace } from '../contract/payloads';
import type { PlacedEntry } from './plan-reader';

export interface BatchProgress {
  begin(placed: PlacedEntry): { settle(): void };
  /** The first place that is not settled. */
  place(): LanePlace;
  isAllSettled(): boolean;
}

export function createBatchProgress(from: LanePlace): BatchProgress {
  const open: { readonly placed: PlacedEntry; isSettled: boolean }[] = [];
  let place = from;
  return {
    begin: (placed) => {
      const one = { placed, isSettled: false };
      open.push(one);
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
    place: () => place,
    isAllSettled: () => open.length === 0,
  };
}
