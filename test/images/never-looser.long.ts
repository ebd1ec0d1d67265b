/**
 * The walk is never looser than sharp, for images with every kind of damage and for mutants.
 * `WALK_SEED` repeats a run.
 */
import { damagedImages } from './damaged-images';
import { goodImages, type GoodImage } from './good-images';
import { mutate } from './mutate';
import { looseness, walkOf } from './compare-with-sharp';
import { createRandom } from './random';

const SEED = Number(process.env.WALK_SEED ?? Date.now() % 1_000_000);
const MUTATIONS = Number(process.env.MUTATIONS ?? 50_000);
const REPEAT_COMMAND = `WALK_SEED=${SEED} MUTATIONS=${MUTATIONS} npx jest --testMatch "**/images/never-looser.long.ts"`;

let images: readonly GoodImage[];
beforeAll(async () => {
  images = await goodImages();
}, 600_000);

it('the walk is never looser than sharp on damaged images', async () => {
  const found: string[] = [];
  const counts = new Map<string, number>();
  for (const { kind, from, bytes } of damagedImages(images, SEED, 2)) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const complaint = await looseness(from.format, bytes);
    if (complaint !== null) found.push(`${kind}, ${from.name}: ${complaint}`);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${total} damaged images of ${counts.size} kinds; again: ${REPEAT_COMMAND}`);
  expect(found).toEqual([]);
  expect(total).toBeGreaterThanOrEqual(3_000);
  expect(counts.size).toBeGreaterThanOrEqual(12);
}, 600_000);

it('the walk is never looser than sharp on mutated images', async () => {
  const found: string[] = [];
  let goodCount = 0;
  const small = images.filter(({ bytes }) => bytes.length < 20_000);
  for (let n = 0; n < MUTATIONS; n += 1) {
    const image = small[n % small.length];
    if (image === undefined) break;
    const bytes = mutate(image, createRandom(SEED + n));
    if (walkOf(image.format, bytes).state === 'good') goodCount += 1;
    const complaint = await looseness(image.format, bytes);
    if (complaint !== null) found.push(`${n}, ${image.name}: ${complaint}`);
  }
  console.log(
    `${MUTATIONS} mutated images, ${goodCount} still good to the walk; again: ${REPEAT_COMMAND}`,
  );
  expect(found).toEqual([]);
}, 900_000);
