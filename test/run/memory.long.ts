/**
 * The memory of a download process, which does not grow with the number of images. Prints it, with
 * the processor time.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { peakMemory } from '../helpers/runs/peak-memory';
import { Pipeline, type Command } from '../helpers/runs/pipeline';

const COUNT = Number(process.env.MEMORY_IMAGES ?? 20_000);
const MOST_MEGABYTES = 350;

let server: LyingServer;
let pipeline: Pipeline;
beforeAll(async () => {
  server = await startLyingServer();
  server.answer('/image', reply('200 OK', {}, await picture('jpeg')));
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
    ARTEMIS_MAX_REQUESTS_PER_SECOND: '100000',
    ARTEMIS_MAX_CONNECTIONS_PER_HOST: '64',
  });
});
afterAll(async () => {
  await pipeline.dispose();
  await server.close();
});

/** Writes a catalog of images of one host and returns its path. */
function writeCatalog(): string {
  const file = path.join(pipeline.root, 'catalogs/many.csv');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const url = `http://127.0.0.1:${server.port}/image`;
  const rows = Array.from({ length: COUNT }, (_, n) => `${n},${url}?${n}\n`);
  fs.writeFileSync(file, `id,url\n${rows.join('')}`);
  return file;
}

async function startWorker(queues: string): Promise<Command> {
  const worker = pipeline.start('worker', '--queues', queues);
  await worker.says('workers are ready');
  return worker;
}

/** The most memory that a process has had, in MB, and its processor time, in seconds. */
function costsOf(pid: number): { readonly megabytes: number; readonly seconds: number } {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12).map(Number);
  return {
    megabytes: Math.round(peakMemory(pid) / 1_000),
    seconds: (user + system) / 100,
  };
}

(process.platform === 'linux' ? it : it.skip)(
  `a process that downloads ${COUNT} images has at most ${MOST_MEGABYTES} MB`,
  async () => {
    const others = await startWorker('pipeline,plan,warehouse');
    const download = await startWorker('download');
    const hosts = { default: { connections: 64, requestsPerSecond: 100_000 } };
    const input = JSON.stringify({ hosts, verify: 'signature' });
    await pipeline.expectFine('run', writeCatalog(), '--input', input);
    expect(pipeline.files()).toHaveLength(COUNT);
    const costs = costsOf(download.pid);
    console.log({ images: COUNT, node: process.version, ...costs });
    expect(costs.megabytes).toBeGreaterThan(0);
    expect(costs.megabytes).toBeLessThanOrEqual(MOST_MEGABYTES);
    for (const worker of [download, others]) {
      worker.kill('SIGINT');
      await worker.finished;
    }
  },
  1_800_000,
);
