/** I12: a decoder that dies at work costs the image that it worked on, and no other. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { BatchFixture, entryOf } from '../download/batch-fixture';
import { decodersOf } from '../helpers/decoders';
import { picture } from '../helpers/images';
import { reply, startLyingServer } from '../helpers/lying-server';

/** An idle decoder has less than half of it, one at work on {@link greedyImage} more. **Units** kB. */
const AT_WORK = 180_000;
const SIDE = 5_000;

/** Interlaced, of 16 bits: no walk takes it, and sharp has to keep all of its 200 MB. */
async function greedyImage(): Promise<Buffer> {
  const background = { r: 255, g: 0, b: 0, alpha: 1 };
  const blank = sharp({ create: { width: SIDE, height: SIDE, channels: 4, background } });
  return blank.toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }).toBuffer();
}

/** As the kernel does when memory is short: whoever has most of it goes. Says how many went. */
async function killTheGreedy(signal: NodeJS.Signals, until: AbortSignal): Promise<number> {
  const killed = new Set<number>();
  while (!until.aborted) {
    for (const pid of decodersOf(process.pid)) {
      if (memoryOf(pid) < AT_WORK) continue;
      process.kill(pid, signal);
      killed.add(pid);
    }
    await delay(10);
  }
  return killed.size;
}

/** **Units** kB; 0 of one that has just ended. */
function memoryOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

const onLinux = process.platform === 'linux' ? it.each : it.skip.each;

onLinux(['SIGSEGV', 'SIGKILL'] as const)(
  'I12 by %s: that image is decoder_crash, those around it are stored',
  async (signal) => {
    const server = await startLyingServer();
    const batch = new BatchFixture(server.port);
    const ended = new AbortController();
    try {
      // Small ones of kinds that no walk knows, so that they go through the same decoder.
      const bodies = {
        '/before.webp': await picture('webp'),
        '/greedy.png': await greedyImage(),
        '/after.gif': await picture('gif'),
        '/after.tiff': await picture('tiff'),
      };
      for (const [at, body] of Object.entries(bodies)) server.answer(at, reply('200 OK', {}, body));
      batch.plan(Object.keys(bodies).map((at) => entryOf(`http://127.0.0.1:${server.port}${at}`)));
      const kills = killTheGreedy(signal, ended.signal);
      expect(await batch.run()).toMatchObject({ place: null, pause: null });
      ended.abort();
      // Beside others, and alone.
      expect(await kills).toBe(2);
      const lines = Object.fromEntries(batch.lines().map((line) => [line.id, line]));
      expect(lines['/greedy.png']).toMatchObject({
        ...{ outcome: 'failed', code: 'decoder_crash', path: null },
        detail: `the decoder process was ended by ${signal} while it worked on the image`,
      });
      for (const good of ['/before.webp', '/after.gif', '/after.tiff']) {
        expect(lines[good]).toMatchObject({ outcome: 'stored', verdict: 'valid' });
      }
      expect(batch.files()).toHaveLength(3);
      expect(batch.temps()).toEqual([]);
    } finally {
      ended.abort();
      await batch.dispose();
      await server.close();
    }
  },
);
