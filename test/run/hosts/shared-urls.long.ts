/**
 * Runs a catalog in which 100,000 ids share the URL of a placeholder. There is one request, and a
 * file and a row for each id. Prints the cost.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';
import { peakMemory } from '../../helpers/runs/peak-memory';
import { Pipeline } from '../../helpers/runs/pipeline';

const COUNT = Number(process.env.SHARED_IDS ?? 100_000);

/** The most links of a file in ext4, the file system with the fewest. */
const MOST_LINKS = 65_000;

let server: LyingServer;
let pipeline: Pipeline;
beforeAll(async () => {
  server = await startLyingServer();
  server.answer('/placeholder', reply('200 OK', {}, await picture('jpeg')));
  pipeline = await Pipeline.create({
    ARTEMIS_QUEUE_PREFIX: 'artemis-shared',
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
  });
}, 60_000);
afterAll(async () => {
  await pipeline.dispose();
  await server.close();
}, 60_000);

function writeCatalog(): string {
  const file = path.join(pipeline.root, 'catalogs/shared.csv');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const url = `http://127.0.0.1:${server.port}/placeholder`;
  const rows = Array.from({ length: COUNT }, (_, index) => `${index},${url}\n`);
  fs.writeFileSync(file, `id,url\n${rows.join('')}`);
  return file;
}

/** The number of copies of the bytes below the data root. */
function copies(): number {
  const folder = path.join(pipeline.root, 'raw');
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files).toHaveLength(COUNT);
  const inodes = files.map((file) => fs.statSync(path.join(file.parentPath, file.name)).ino);
  return new Set(inodes).size;
}

it(`${COUNT} ids of one URL take one request, even when the worker is killed`, async () => {
  const up = await pipeline.up();
  const startedAt = Date.now();
  const run = pipeline.start('run', writeCatalog());
  await pipeline.when(({ stored }) => stored > COUNT / 10, 300);
  const megabytes = Math.round(peakMemory(up.pid) / 1_000);
  up.kill('SIGKILL');
  await up.finished;
  const again = await pipeline.up();
  const { code, stderr } = await run.finished;
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const ofSecond = Math.round(peakMemory(again.pid) / 1_000);
  console.log({ seconds, megabytes: [megabytes, ofSecond], copies: copies() });
  if (code !== 0) throw new Error(`run ended with ${String(code)}:\n${stderr}`);
  expect(server.requests).toHaveLength(1);
  const [row] = await pipeline.query<Record<string, number>>(
    `SELECT count(*)::INTEGER AS images, count(*) FILTER (state = 'stored')::INTEGER AS stored,
       (SELECT sum(request_count)::INTEGER FROM fact_download) AS requests FROM image`,
  );
  expect(row).toEqual({ images: COUNT, stored: COUNT, requests: 1 });
  // An attempt that continues after links have run out makes another copy.
  expect(copies()).toBeLessThan(COUNT / MOST_LINKS + 10);
  await pipeline.expectFine('verify', '--deep');
  again.kill('SIGINT');
  await again.finished;
}, 900_000);
