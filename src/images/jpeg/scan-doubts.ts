/** What is wrong with the data of a scan, in the same words wherever it is found. */
import { doubt } from '../walk-result';

export function tooLittleData(): never {
  return doubt('a scan has less data than its blocks need');
}

/** The symbols of a block lead beyond its end, or are none. */
export function noBlock(): never {
  return doubt('a block that is no block');
}
