/** I12: a decoder that dies while it works fails the image that it works on, and no other image. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { BatchFixture, entryOf } from '../download/batch-fixture';
import { decodersOf } from '../helpers/runs/decoders';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer } from '../helpers/hosts/lying-server';

/**
 * Memory in kB. An idle decoder has less than half of this, and one that decodes {@link
 * greedyImage} has more.
 */
const AT_WORK = 180_000;
const SIDE = 5_000;

/**
 * An interlaced PNG of 16 bits. The walk does not support it, and sharp must keep all of its 200
 * MB.
 */
async function greedyImage(): Promise<Buffer> {
  const background = { r: 255, g: 0, b: 0, alpha: 1 };
  const blank = sharp({ create: { width: SIDE, height: SIDE, channels: 4, background } });
  return blank.toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }).toBuffer();
}

/**
 * Kills the process with the most memory, as the kernel does when memory is short.
 *
 * @returns the number of killed processes.
 */
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

/** The memory of a process in kB; 0 for a process that has just ended. */
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
      // Small images of kinds that the walk does not support, so that they use the same decoder.
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
      // The image is decoded in a batch and then alone.
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
