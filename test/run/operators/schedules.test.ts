/** A catalog that is refreshed by a schedule, with the commands of the operator's guide. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import type { RunEntry } from '../../../src/contract/run-record';
import { guideCommands } from '../../helpers/runs/guide';
import { Pipeline } from '../../helpers/runs/pipeline';
import { until } from '../../helpers/until';

const CATALOG = 'catalogs/tate_artworks.csv.gz';
const SCHEDULE = 'tate-nightly';
const commands = guideCommands().get('Schedules') ?? [];

let pipeline: Pipeline;
let client: Client;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer();
  await pipeline.up();
  await writeCatalog(40);
  const { address } = pipeline.server();
  const { namespace } = pipeline;
  client = new Client({ connection: await Connection.connect({ address }), namespace });
});
afterAll(async () => {
  await client.connection.close();
  await pipeline.dispose();
});

/** Writes the catalog under the guide's name and with the guide's columns. */
async function writeCatalog(count: number): Promise<void> {
  const written = path.join(pipeline.root, await pipeline.writeCatalog(count));
  const [header, ...rows] = fs.readFileSync(written, 'utf8').split('\n');
  const text = [header?.replace(/\burl\b/, 'thumbnailUrl'), ...rows].join('\n');
  fs.writeFileSync(path.join(pipeline.root, CATALOG), gzipSync(text));
}

/** Types a command of the guide unchanged. */
async function type(words: string): Promise<string> {
  const command = commands.find((block) => block.includes(words)) ?? `no command has "${words}"`;
  const { address, cli } = pipeline.server();
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: pipeline.namespace,
  };
  const shell = `temporal() { "${cli}" "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)('bash', ['-ec', shell], { env });
  return stdout;
}

/** The next run of a schedule that is not among the earlier ones. */
async function runAfter(before: ReadonlySet<string>, state: RunEntry['state']): Promise<RunEntry> {
  return pipeline.when((run) => !before.has(run.runId) && run.state === state);
}

async function known(): Promise<ReadonlySet<string>> {
  return new Set((await pipeline.status()).runs.map((run) => run.runId));
}

describe('the schedule of the guide', () => {
  it('is created, and a trigger starts a run that completes', async () => {
    await type('schedule create');
    await type('schedule trigger');
    const run = await runAfter(new Set(), 'completed');
    expect(run.workflowId).toMatch(/^tate-nightly-20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(run).toMatchObject({ planned: 40 });
    const child = await client.workflow.getHandle(`${run.workflowId}-download`).describe();
    expect(child.status.name).toBe('COMPLETED');
    expect(await pipeline.expectFine('status', run.workflowId)).toContain(run.runId);
    const { spec, policies } = await client.schedule.getHandle(SCHEDULE).describe();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 3_600_000 });
    expect(spec.calendars).toHaveLength(1);
  });

  it('ends a night with a failed step as failed, and the next night works', async () => {
    const catalog = path.join(pipeline.root, CATALOG);
    fs.renameSync(catalog, `${catalog}.gone`);
    const before = await known();
    await type('schedule trigger');
    const failed = await runAfter(before, 'failed');
    expect(failed.step).toMatchObject({ name: 'ingest', code: 'catalog_missing' });
    fs.renameSync(`${catalog}.gone`, catalog);
    const afterwards = await known();
    await type('schedule trigger');
    expect(await runAfter(afterwards, 'completed')).toMatchObject({ planned: 0 });
  });

  it('is paused and resumed', async () => {
    const handle = client.schedule.getHandle(SCHEDULE);
    await type('--pause');
    expect((await handle.describe()).state).toMatchObject({
      paused: true,
      note: 'the museum moves its servers',
    });
    await type('--unpause');
    expect((await handle.describe()).state.paused).toBe(false);
  });

  it('repeats a missed night by backfill', async () => {
    const before = await known();
    await type('schedule backfill');
    const run = await runAfter(before, 'completed');
    expect(run.workflowId).toBe('tate-nightly-2026-11-20T02:00:00Z');
  });

  it('describes itself, and is deleted', async () => {
    expect(await type('schedule describe')).toContain('tate-nightly');
    await type('schedule delete');
    await expect(client.schedule.getHandle(SCHEDULE).describe()).rejects.toThrow();
  });
});

describe('a schedule whose runs take longer than its interval', () => {
  it('skips the next ones, and says how many', async () => {
    const before = await known();
    // So slow that it does not end before the schedule has skipped one.
    const hosts = { default: { connections: 1, requestsPerSecond: 1 } };
    const columns = { id: 'id', url: 'thumbnailUrl' };
    const input = { catalog: CATALOG, columns, select: 'all', hosts, onStepFailure: 'fail' };
    await pipeline.temporal(
      ...['schedule', 'create', '--schedule-id', 'busy', '--interval', '1s'],
      ...['--overlap-policy', 'Skip', '--catchup-window', '1h', '--workflow-id', 'busy'],
      ...['--type', 'runPipeline', '--task-queue', 'artemis-pipeline'],
      ...['--input', JSON.stringify(input)],
    );
    const handle = client.schedule.getHandle('busy');
    const { workflowId } = await runAfter(before, 'running');
    await pipeline.when((run) => run.workflowId === workflowId && run.notModified > 0);
    const skipped = async (): Promise<boolean> =>
      (await handle.describe()).info.numActionsSkippedOverlap > 0;
    await until(skipped, { within: 30, saying: 'a run that was skipped' });
    await handle.pause();
    await pipeline.setDefaultBudget(workflowId, { connections: 2, requestsPerSecond: 100 });
    await client.workflow.getHandle(workflowId).result();
    const { info } = await handle.describe();
    expect(info.numActionsTaken).toBe(1);
    await handle.delete();
  });

  it('leaves a data root in which verify and prune find no fault after many runs', async () => {
    expect((await known()).size).toBeGreaterThanOrEqual(5);
    await pipeline.expectVerified();
    await pipeline.expectFine('prune');
    await pipeline.expectVerified();
  });
});
