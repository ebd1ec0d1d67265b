/** Decodes thousands of hostile images in one decoder process. `HOSTILE_SEED` repeats a run. */
import { decodeHostile } from './decode-hostile';

const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 1_000_000);
const COUNT = Number(process.env.HOSTILE_IMAGES ?? 20_000);
const REPEAT_COMMAND = `HOSTILE_SEED=${SEED} HOSTILE_IMAGES=${COUNT} npx jest --testMatch "**/hostile.long.ts"`;

/** In kB. The largest images of 100 MP take 0.86 GB. */
const MAX_MEMORY_KB = 1_000_000;

it('hostile images crash no decoder, hang none, and take no more memory than large images', async () => {
  const { answers, decoders, memory, slowestMs } = await decodeHostile(SEED, COUNT, 1e8);
  console.log(
    `${REPEAT_COMMAND}\n${JSON.stringify({ answers, memory, slowestMs: Math.round(slowestMs) })}`,
  );
  expect(Object.keys(answers).filter((answer) => answer.includes('decoder_timeout'))).toEqual([]);
  expect(decoders.size).toBe(1);
  expect(memory).toBeLessThan(MAX_MEMORY_KB);
}, 3_600_000);
