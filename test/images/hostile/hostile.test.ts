/** Decodes a few hundred hostile images; `hostile.long.ts` decodes thousands. */
import fs from 'node:fs';
import { createDecoderPool } from '../../../src/images/decoder-pool';
import { decodersOf } from '../../helpers/runs/decoders';
import { decodeHostile } from './decode-hostile';

/** In kB. An idle decoder has a fifth of it. */
const MAX_MEMORY_KB = 400_000;

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('hostile images crash no decoder, hang none, and take no memory', async () => {
  const { answers, decoders, memory } = await decodeHostile(11, 600, 1_000_000);
  const results = Object.keys(answers);
  expect(results.filter((answer) => answer.includes('decoder_timeout'))).toEqual([]);
  // Of each format, some images are decoded and some are not, so the images reach the decoders.
  for (const format of ['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif']) {
    expect(results).toContain(`${format} valid`);
    expect(results).toContain(`${format} corrupt`);
  }
  // No decoder has ended. A decoder reports an image that needs too much memory as `decoder_crash`
  // without ending.
  expect(decoders.size).toBe(1);
  expect(memory).toBeLessThan(MAX_MEMORY_KB);
});

onLinux('the output of codecs does not appear in the output of the worker', async () => {
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
