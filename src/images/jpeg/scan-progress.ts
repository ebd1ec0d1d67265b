/**
 * Tracks which bits of which coefficients have been read, to find scans that are repeated, too
 * early or missing.
 */
import { doubt } from '../walk-result';
import type { Frame } from './frame-header';
import type { Scan } from './scan-header';

const NOT_READ = -1;

/** For each component and each of its 64 coefficients, the lowest bit that has been read. */
export type Progress = readonly Int8Array[];

export function createProgress(frame: Frame): Progress {
  return frame.components.map(() => new Int8Array(64).fill(NOT_READ));
}

/**
 * Records a scan. DC must precede AC, and after the first scan of a band, each scan adds one bit.
 *
 * @see ITU-T T.81, G.1.1.1.
 */
export function recordScan(progress: Progress, { components, from, to, high, low }: Scan): void {
  for (const { index } of components) {
    const bits = progress[index] ?? new Int8Array(64);
    if (from > 0 && bits[0] === NOT_READ) doubt('AC coefficients before their DC');
    for (let k = from; k <= to; k += 1) {
      if (bits[k] !== (high === 0 ? NOT_READ : high)) doubt('scans in a wrong order');
    }
    bits.fill(low, from, to + 1);
  }
}

/**
 * Checks that all scans were read. The standard does not require every bit of every coefficient,
 * but encoders write all of them, so missing bits mean lost scans.
 *
 * @see libjpeg, jcmaster.c (validate_script), on what the standard leaves out.
 */
export function checkComplete(progress: Progress): void {
  if (!isComplete(progress)) doubt('scans are missing');
}

/** Whether all scans were read. */
export function isComplete(progress: Progress): boolean {
  return progress.every((bits) => bits.every((low) => low === 0));
}
