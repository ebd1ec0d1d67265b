/**
 * A write that outlasts the time that a worker has to stop: no other process may write beside it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataRootPaths } from '../../../src/files/data-root';
import { fileHolder } from '../../../src/files/process/file-holder';
import { Pipeline } from '../../helpers/runs/pipeline';

const ROWS = 200_000;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: 'artemis-long-write' });
  const up = await pipeline.up();
  up.kill('SIGINT');
  await up.finished;
}, 60_000);
afterAll(() => pipeline.dispose());

function writeLargeCatalog(): string {
  const name = 'catalogs/large.csv';
  fs.mkdirSync(path.join(pipeline.root, 'catalogs'), { recursive: true });
  const rows = Array.from({ length: ROWS }, (_row, at) => `${at},http://127.0.0.1/${at}.jpg`);
  fs.writeFileSync(path.join(pipeline.root, name), `id,url\n${rows.join('\n')}\n`);
  return name;
}

it('a merge that outlasts the stop keeps the writer lock until its process ends, reports that, and is repeated by the next worker', async () => {
  const { warehouseLock } = dataRootPaths(pipeline.root);
  const others = pipeline.start('worker', '--queues', 'pipeline,plan');
  const writer = pipeline.startWith(
    { ARTEMIS_STOP_SECONDS: '0.1', ARTEMIS_LOG_LEVEL: 'debug' },
    ...['worker', '--queues', 'warehouse'],
  );
  await Promise.all([others.says('workers are ready'), writer.says('workers are ready')]);
  const standby = pipeline.start('worker', '--queues', 'warehouse');
  await standby.says('standing by');
  const input = { catalog: writeLargeCatalog(), steps: ['ingest', 'publish'] };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'large'],
    ...['--task-queue', 'artemis-long-write-pipeline', '--input', JSON.stringify(input)],
  );
  await writer.says('"activity":"mergeCatalog"');
  writer.kill('SIGTERM');
  const holders = new Set<number | undefined>();
  for (;;) {
    const pid = fileHolder(warehouseLock)?.pid;
    // A process closes its list of open files first, and releases their locks then.
    if (!fs.existsSync(`/proc/${writer.pid}/fd/0`)) break;
    holders.add(pid);
    await delay(5);
  }
  const { code, stderr } = await writer.finished;
  expect(stderr).toContain('did not end within 0.1 s');
  expect(stderr).not.toContain('This is a bug');
  expect(code).toBe(130);
  expect([...holders]).toEqual([writer.pid]);
  await standby.says('taking over');
  await pipeline.temporal('workflow', 'result', '--workflow-id', 'large');
  const { runId } = await pipeline.when((run) => run.state === 'completed');
  expect(pipeline.summary(runId).counts).toMatchObject({ images: ROWS, rows: ROWS });
});
