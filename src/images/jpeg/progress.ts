/** Which bits of which coefficients have come: nothing twice, nothing early, and in the end all. */
import { doubt } from '../walk';
import type { Frame } from './frame-header';
import type { Scan } from './scan-header';

const NOT_YET = -1;

/** **Shape** for each component its 64 coefficients: the lowest bit that has come. */
export type Progress = readonly Int8Array[];

export function createProgress(frame: Frame): Progress {
  return frame.components.map(() => new Int8Array(64).fill(NOT_YET));
}

/** **Source** T.81 G.1.1.1: DC before AC; a band's first scan, then a bit at a time. */
export function noteScan(progress: Progress, { components, from, to, high, low }: Scan): void {
  for (const { index } of components) {
    const bits = progress[index] ?? new Int8Array(64);
    if (from > 0 && bits[0] === NOT_YET) doubt('AC coefficients before their DC');
    for (let k = from; k <= to; k += 1) {
      if (bits[k] !== (high === 0 ? NOT_YET : high)) doubt('scans in a wrong order');
    }
    bits.fill(low, from, to + 1);
  }
}

/**
 * The standard does not ask for every bit of every coefficient, yet encoders send them all: where some are missing, scans were lost.
 *
 * **Source** libjpeg, jcmaster.c (validate_script), on what the standard leaves out.
 */
export function checkComplete(progress: Progress): void {
  if (progress.some((bits) => bits.some((low) => low !== 0))) doubt('scans are missing');
}
