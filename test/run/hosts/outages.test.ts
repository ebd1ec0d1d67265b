/**
 * A host that does not answer in a whole run: its lane waits, the wait is reported, and the other
 * hosts are not affected.
 */
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../../helpers/images/images';
import { reply, startLyingServer, type LyingServer } from '../../helpers/hosts/lying-server';
import { Pipeline } from '../../helpers/runs/pipeline';

const COUNT = 40;

/** No process listens there. */
const DEAD = '127.0.0.1:1';

let well: LyingServer;
let weak: LyingServer;
let pipeline: Pipeline;
beforeAll(async () => {
  well = await startLyingServer();
  weak = await startLyingServer();
  const hosts = [`127.0.0.1:${well.port}`, `127.0.0.1:${weak.port}`, DEAD];
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_ALLOW_PRIVATE_HOSTS: hosts.join(','),
    ARTEMIS_OUTAGE_SECONDS: '0.7',
    ARTEMIS_MAX_ATTEMPTS: '1',
  });
  await pipeline.up();
});
afterAll(async () => {
  await pipeline.dispose();
  await well.close();
  await weak.close();
});

it('a run waits for hosts with durable timers, and images fail, as retryable, only if their host does not come back', async () => {
  let isWell = false;
  const image = reply('200 OK', {}, await picture('jpeg'));
  const rows: string[] = [];
  for (let n = 0; n < COUNT; n += 1) {
    well.answer(`/${n}`, image);
    weak.answer(`/${n}`, (socket, request) => {
      (isWell ? image : reply('502 Bad Gateway'))(socket, request);
    });
    rows.push(`well${n},http://127.0.0.1:${well.port}/${n}`);
    rows.push(`weak${n},http://127.0.0.1:${weak.port}/${n}`);
    rows.push(`dead${n},http://${DEAD}/${n}`);
  }
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  fs.writeFileSync(path.join(pipeline.root, 'catalogs/c.csv'), `id,url\n${rows.join('\n')}\n`);
  const hosts = { default: { connections: 8, requestsPerSecond: 100 } };
  const input = { catalog: 'catalogs/c.csv', hosts };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'outage'],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
  );
  const told = await pipeline.when(({ step }) => (step?.detail ?? '').includes('asked again at'));
  expect(told.step?.detail).toMatch(/127\.0\.0\.1:\d+ answers (nothing \(connect\)|only http_502)/);
  await pipeline.when(({ stored }) => stored >= COUNT);
  isWell = true;
  const { runId, stored, failed } = await pipeline.when((run) => run.state === 'completed', 90);
  expect({ stored, failed }).toEqual({ stored: 2 * COUNT, failed: COUNT });
  expect(pipeline.summary(runId).codes).toEqual({ connect: COUNT });
  // At most the requests that were under way when the outage began. Each image was stored by one
  // successful request.
  expect(weak.requests.length).toBeLessThan(COUNT + 8 + 5 + 4 + 3);
  const history = await pipeline.temporal(
    ...['workflow', 'show', '--workflow-id', 'outage-download', '--output', 'json'],
  );
  const summaries = history.match(/"timerStartedEventAttributes"/g) ?? [];
  expect(summaries.length).toBeGreaterThan(3);
  await pipeline.expectVerified();
});
