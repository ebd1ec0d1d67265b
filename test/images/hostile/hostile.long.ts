/** I11: thousands of hostile images, through one decoder process. `HOSTILE_SEED` repeats. */
import { decodeHostile } from './decode-hostile';

const SEED = Number(process.env.HOSTILE_SEED ?? Date.now() % 1_000_000);
const COUNT = Number(process.env.HOSTILE_IMAGES ?? 20_000);
const AGAIN = `HOSTILE_SEED=${SEED} HOSTILE_IMAGES=${COUNT} npx jest --testMatch "**/hostile.long.ts"`;

/** The largest of 100 MP take 0.86 GB. **Units** kB. */
const MOST_MEMORY = 1_000_000;

it('crash no decoder, hang none, and take no more memory than large images do', async () => {
  const { answers, decoders, memory, slowestMs } = await decodeHostile(SEED, COUNT, 1e8);
  console.log(`${AGAIN}\n${JSON.stringify({ answers, memory, slowestMs: Math.round(slowestMs) })}`);
  expect(Object.keys(answers).filter((answer) => answer.includes('decoder_timeout'))).toEqual([]);
  expect(decoders.size).toBe(1);
  expect(memory).toBeLessThan(MOST_MEMORY);
}, 3_600_000);
