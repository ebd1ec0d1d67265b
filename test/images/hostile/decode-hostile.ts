/** Hostile images through the decoder processes of a worker, and what these looked like meanwhile. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createDecoderPool } from '../../../src/images/decoder-pool';
import { decodersOf } from '../../helpers/decoders';
import { createRandom, pick } from '../random';
import { hostile, seedlings } from './hostile-images';

/** So many are in flight: as batches have it. */
const AT_ONCE = 64;

/** **Shape** `answers` counted by format and answer, `decoders` the processes that took part. **Units** `memory` kB at its highest, `slowestMs` ms for {@link AT_ONCE} images. */
export interface Survived {
  readonly answers: Readonly<Record<string, number>>;
  readonly decoders: ReadonlySet<number>;
  readonly memory: number;
  readonly slowestMs: number;
}

/** `count` images, from `seed` on; of `pixels` at most. */
export async function decodeHostile(
  seed: number,
  count: number,
  pixels: number,
): Promise<Survived> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-hostile-'));
  const pool = createDecoderPool({ processes: 1, timeoutMs: 20_000 });
  const answers: Record<string, number> = {};
  const decoders = new Set<number>();
  let memory = 0;
  let slowestMs = 0;
  try {
    const all = await seedlings();
    const one = async (n: number): Promise<void> => {
      const random = createRandom(seed + n);
      const from = pick(random, all);
      const file = path.join(folder, String(n % AT_ONCE));
      fs.writeFileSync(file, hostile(from, random));
      const request = { path: file, format: from.format, extension: 'x', pixels };
      const check = await pool.decode(request);
      const key = `${from.format} ${check.ok ? check.verdict : check.code}`;
      answers[key] = (answers[key] ?? 0) + 1;
    };
    for (let n = 0; n < count; n += AT_ONCE) {
      const startedAt = performance.now();
      const size = Math.min(AT_ONCE, count - n);
      await Promise.all(Array.from({ length: size }, (_, more) => one(n + more)));
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      for (const pid of decodersOf(process.pid)) {
        decoders.add(pid);
        memory = Math.max(memory, highestMemoryOf(pid));
      }
    }
    return { answers, decoders, memory, slowestMs };
  } finally {
    await pool.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/** As the kernel has kept it: nothing is missed between two looks. **Units** kB. */
function highestMemoryOf(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
}
