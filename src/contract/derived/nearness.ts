/** When two images are near duplicates. */

/** Both must hold: together they found no false pair among thousands of different pictures. */
export interface Nearness {
  /** The most bits of 64, at most seven: more are not found by `clusters/band.ts`. */
  readonly phash: number;
  /** The most bits of 256. */
  readonly pdq: number;
}

export const NEAR: Nearness = { phash: 7, pdq: 31 };

/** Below this PDQ quality there is too little in an image for its hashes to mean anything. */
export const MIN_QUALITY = 50;
