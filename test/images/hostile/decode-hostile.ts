/** Decodes hostile images in the decoder processes of a worker, and observes these processes. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createDecoderPool } from '../../../src/images/decoder-pool';
import { decodersOf } from '../../helpers/runs/decoders';
import { peakMemory } from '../../helpers/runs/peak-memory';
import { createRandom, pick } from '../random';
import { createHostileImage, createSeedImages } from './hostile-images';

/** How many images are in flight, as in a batch. */
const AT_ONCE = 64;

export interface HostileRun {
  /** The number of results by format and result. */
  readonly answers: Readonly<Record<string, number>>;
  /** The ids of the decoder processes. */
  readonly decoders: ReadonlySet<number>;
  /** The peak memory of a decoder in kB. */
  readonly memory: number;
  /** The longest time for {@link AT_ONCE} images. */
  readonly slowestMs: number;
}

/** Decodes `count` images of at most `pixels` pixels, with the seeds from `seed` on. */
export async function decodeHostile(
  seed: number,
  count: number,
  pixels: number,
): Promise<HostileRun> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-hostile-'));
  const pool = createDecoderPool({ processes: 1, timeoutMs: 20_000 });
  const answers: Record<string, number> = {};
  const decoders = new Set<number>();
  let memory = 0;
  let slowestMs = 0;
  try {
    const all = await createSeedImages();
    const decodeOne = async (n: number): Promise<void> => {
      const random = createRandom(seed + n);
      const from = pick(random, all);
      const file = path.join(folder, String(n % AT_ONCE));
      fs.writeFileSync(file, createHostileImage(from, random));
      const request = { path: file, format: from.format, extension: 'x', pixels };
      const check = await pool.decode(request);
      const key = `${from.format} ${check.ok ? check.verdict : check.code}`;
      answers[key] = (answers[key] ?? 0) + 1;
    };
    for (let n = 0; n < count; n += AT_ONCE) {
      const startedAt = performance.now();
      const size = Math.min(AT_ONCE, count - n);
      await Promise.all(Array.from({ length: size }, (_, index) => decodeOne(n + index)));
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      for (const pid of decodersOf(process.pid)) {
        decoders.add(pid);
        memory = Math.max(memory, peakMemory(pid));
      }
    }
    return { answers, decoders, memory, slowestMs };
  } finally {
    await pool.close();
    fs.rmSync(folder, { recursive: true });
  }
}
