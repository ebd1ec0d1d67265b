/**
 * Mutates images and their mutants for `FUZZ_SECONDS`: no crash, no long walk, never looser than
 * sharp. `WALK_SEED` repeats a run.
 */
import { goodImages } from './good-images';
import { mutate } from './mutate';
import { looseness, walkOf } from './compare-with-sharp';
import { createRandom, pick } from './random';

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 60);
const SEED = Number(process.env.WALK_SEED ?? Date.now() % 1_000_000);
const REPEAT_COMMAND = `WALK_SEED=${SEED} FUZZ_SECONDS=${SECONDS} npx jest --testMatch "**/images/fuzz.long.ts"`;

/**
 * How many mutants are kept for further mutations: unusual files that the walk calls good are the
 * most promising ones.
 */
const MAX_KEPT_MUTANTS = 500;

/** The walk of a small file takes less time than this, also on a busy machine. */
const MAX_WALK_MS = 1_000;

it(
  'the walk of mutated images never crashes, never takes long, and is never looser than sharp',
  async () => {
    const random = createRandom(SEED);
    const pool = (await goodImages()).filter(({ bytes }) => bytes.length < 30_000);
    const originals = pool.length;
    const endAt = performance.now() + 1_000 * SECONDS;
    let longestMs = 0;
    let count = 0;
    for (; performance.now() < endAt; count += 1) {
      const image = pick(random, pool);
      let bytes: Buffer;
      try {
        bytes = mutate(image, random);
      } catch {
        // The named damages require a whole structure, which a mutant may not have.
        continue;
      }
      const startedAt = performance.now();
      const { state } = walkOf(image.format, bytes);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
      const complaint = await looseness(image.format, bytes);
      expect([count, image.name, complaint, REPEAT_COMMAND]).toEqual([
        count,
        image.name,
        null,
        REPEAT_COMMAND,
      ]);
      if (state !== 'good') continue;
      if (pool.length < originals + MAX_KEPT_MUTANTS) pool.push({ ...image, bytes });
      else pool[originals + random(MAX_KEPT_MUTANTS)] = { ...image, bytes };
    }
    console.log(
      `${count} mutants, longest walk ${longestMs.toFixed(1)} ms; again: ${REPEAT_COMMAND}`,
    );
    expect(longestMs).toBeLessThan(MAX_WALK_MS);
  },
  1_000 * SECONDS + 300_000,
);
