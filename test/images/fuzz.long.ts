/** Mutations of mutations for `FUZZ_SECONDS`: no crash, no long walk, never looser than sharp. `WALK_SEED` repeats. */
import { goodImages } from './good-images';
import { mutate } from './mutate';
import { looseness, walkOf } from './opinions';
import { createRandom, pick } from './random';

const SECONDS = Number(process.env.FUZZ_SECONDS ?? 60);
const SEED = Number(process.env.WALK_SEED ?? Date.now() % 1_000_000);
const AGAIN = `WALK_SEED=${SEED} FUZZ_SECONDS=${SECONDS} npx jest --testMatch "**/images/fuzz.long.ts"`;

/** What is kept to mutate further; a good walk of an unusual file is the best place to look next. **Units** images. */
const KEPT = 500;

/** A small file's walk takes no longer, also beside other work. **Units** ms. */
const LONGEST_WALK = 1_000;

it(
  'finds nothing',
  async () => {
    const random = createRandom(SEED);
    const pool = (await goodImages()).filter(({ bytes }) => bytes.length < 30_000);
    const originals = pool.length;
    const end = performance.now() + 1_000 * SECONDS;
    let longest = 0;
    let count = 0;
    for (; performance.now() < end; count += 1) {
      const image = pick(random, pool);
      let bytes: Buffer;
      try {
        bytes = mutate(image, random);
      } catch {
        // Damages by kind take a whole structure for granted, which mutants have not.
        continue;
      }
      const startedAt = performance.now();
      const { state } = walkOf(image.format, bytes);
      longest = Math.max(longest, performance.now() - startedAt);
      const complaint = await looseness(image.format, bytes);
      expect([count, image.name, complaint, AGAIN]).toEqual([count, image.name, null, AGAIN]);
      if (state !== 'good') continue;
      if (pool.length < originals + KEPT) pool.push({ ...image, bytes });
      else pool[originals + random(KEPT)] = { ...image, bytes };
    }
    console.log(`${count} mutants, longest walk ${longest.toFixed(1)} ms; again: ${AGAIN}`);
    expect(longest).toBeLessThan(LONGEST_WALK);
  },
  1_000 * SECONDS + 300_000,
);
