/** How near two hashes must be to be of near duplicates. */

/** Both must hold: together they found no false pair among thousands of different pictures. */
export interface Nearness {
  /** The most bits of 64, at most `MAX_DISTANCE` of band.ts. */
  readonly phash: number;
  /** The most bits of 256. */
  readonly pdq: number;
}

export const NEAR: Nearness = { phash: 7, pdq: 31 };
