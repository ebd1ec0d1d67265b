/**
 * A lane whose place does not advance, because one image never ends, does not fetch again what lies
 * beyond it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';
import { Pipeline } from '../../helpers/runs/pipeline';

const COUNT = 30;

/** Batches after which the image is served. */
const BATCHES = 4;

let server: LyingServer;
let pipeline: Pipeline;
beforeAll(async () => {
  server = await startLyingServer();
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
    // The time box ends between two attempts of the image, so it is left to the next batch, and to
    // the one after.
    ARTEMIS_BATCH_SECONDS: '1',
    ARTEMIS_MAX_ATTEMPTS: '20',
  });
  await pipeline.up();
});
afterAll(async () => {
  await pipeline.dispose();
  await server.close();
});

it('requests every other image once', async () => {
  const names = Array.from({ length: COUNT }, (_, index) => `/${index}`);
  for (const [seed, name] of names.entries())
    server.answer(name, reply('200 OK', {}, await picture('jpeg', { seed })));
  const good = reply('200 OK', {}, await picture('jpeg'));
  // Two or three attempts in each batch.
  server.answer('/0', (socket, request) => {
    (request.before < 3 * BATCHES ? reply('500 Oops') : good)(socket, request);
  });
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const rows = names.map((name) => `${name},http://127.0.0.1:${server.port}${name}`);
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${rows.join('\n')}\n`);
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'places'],
    ...['--task-queue', 'artemis-pipeline', '--input', '{"catalog":"catalogs/c.csv"}'],
  );
  await pipeline.when((run) => run.state === 'completed');
  const others = server.requests.map((request) => request.path).filter((name) => name !== '/0');
  expect(others.sort()).toEqual(names.slice(1).sort());
  await pipeline.expectVerified();
});
