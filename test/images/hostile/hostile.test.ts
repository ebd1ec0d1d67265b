/** I11 in small; `hostile.long.ts` has thousands. */
import fs from 'node:fs';
import { createDecoderPool } from '../../../src/images/decoder-pool';
import { decodersOf } from '../../helpers/decoders';
import { decodeHostile } from './decode-hostile';

/** **Units** kB; an idle decoder has a fifth of it. */
const MOST_MEMORY = 400_000;

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('hostile images crash no decoder, hang none, and take no memory', async () => {
  const { answers, decoders, memory } = await decodeHostile(11, 600, 1_000_000);
  const told = Object.keys(answers);
  expect(told.filter((answer) => answer.includes('decoder_timeout'))).toEqual([]);
  // They get past the door: for each format some decode, and some do not.
  for (const format of ['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif']) {
    expect(told).toContain(`${format} valid`);
    expect(told).toContain(`${format} corrupt`);
  }
  // None has died: an image that asks for more memory than a decoder may have is told as `decoder_crash` by a decoder that lives.
  expect(decoders.size).toBe(1);
  expect(memory).toBeLessThan(MOST_MEMORY);
});

onLinux('what codecs print of an image does not come out of the worker', async () => {
  const pool = createDecoderPool({ processes: 1, timeoutMs: 20_000 });
  const outputsOf = (pid: number): readonly string[] =>
    [1, 2].map((output) => fs.readlinkSync(`/proc/${pid}/fd/${output}`));
  try {
    await pool.decode({ path: __filename, format: 'gif', extension: 'gif', pixels: 1 });
    const [decoder = 0] = decodersOf(process.pid);
    for (const output of outputsOf(decoder)) expect(outputsOf(process.pid)).not.toContain(output);
  } finally {
    await pool.close();
  }
});
