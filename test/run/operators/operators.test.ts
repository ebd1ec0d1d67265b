/** The commands of operators for runs under way, typed with the Temporal CLI. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline, type Finished } from '../../helpers/runs/pipeline';
import { describeUnlessQuick, itUnlessQuick } from '../../helpers/suites/quick-tier';

/**
 * A run of IMAGES takes two and a half minutes with this budget. Tests wait for at most
 * PATIENCE_SECONDS, so what they wait for did not come from the mere passing of time.
 */
const SLOW = { default: { connections: 2, requestsPerSecond: 1 } };
const IMAGES = 150;
const PATIENCE_SECONDS = 60;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_BATCH_SECONDS: '3600' });
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

async function start(workflowId: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', workflowId],
    ...['--task-queue', 'artemis-pipeline', '--input', JSON.stringify(input)],
  );
}

function update(workflowId: string, name: string, input?: unknown): Promise<Finished> {
  return pipeline.runTemporal(
    ...['workflow', 'update', 'execute', '--workflow-id', workflowId, '--name', name],
    ...(input === undefined ? [] : ['--input', JSON.stringify(input)]),
  );
}

async function accepted(workflowId: string, name: string, input?: unknown): Promise<string> {
  const { code, stdout, stderr } = await update(workflowId, name, input);
  if (code !== 0) throw new Error(`${name} was refused:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The text that the CLI shows for a refusal. */
async function refused(workflowId: string, name: string, input?: unknown): Promise<string> {
  const { code, stdout, stderr } = await update(workflowId, name, input);
  expect(code).not.toBe(0);
  const said = `${stdout}${stderr}`;
  expect(said).not.toContain(path.dirname(__dirname));
  expect(said).not.toMatch(/\bat .*\.[jt]s:\d+/);
  return said;
}

function run(id: string, isSo: (entry: RunEntry) => boolean): Promise<RunEntry> {
  return pipeline.whenRunOf(id, isSo, PATIENCE_SECONDS);
}

function ended(workflowId: string, state: RunEntry['state']): Promise<RunEntry> {
  return run(workflowId, (entry) => entry.state === state);
}

/** A catalog that has only its header so far. */
async function brokenCatalog(name: string): Promise<{ catalog: string; mend: () => void }> {
  const good = path.join(pipeline.root, await pipeline.writeCatalog(10));
  const catalog = `catalogs/${name}.csv`;
  const file = path.join(pipeline.root, catalog);
  const text = fs.readFileSync(good, 'utf8');
  fs.writeFileSync(file, text.split('\n', 1)[0] ?? '');
  return {
    catalog,
    mend: () => {
      fs.writeFileSync(file, text);
    },
  };
}

function requests(): number {
  return pipeline.origin.requests().length;
}

/** Waits until the origin has received no request for a second and a half. */
async function untilQuiet(): Promise<number> {
  for (let before = -1, now = requests(); ; before = now, now = requests()) {
    if (before === now) return now;
    await delay(1_500);
  }
}

/** The number of images that the run found unmodified, as the warehouse records it. */
async function committed(runId: string): Promise<number | undefined> {
  const [row] = await pipeline.query<{ same: number }>(
    `SELECT count(*)::INTEGER AS same FROM fact_download WHERE run_id = '${runId}' AND outcome = 'not_modified'`,
  );
  return row?.same;
}

async function stepsOf(runId: string): Promise<Record<string, string>> {
  const rows = await pipeline.query<{ step: string; state: string }>(
    `SELECT step, state FROM etl_step WHERE run_id = '${runId}' ORDER BY step`,
  );
  return Object.fromEntries(rows.map(({ step, state }) => [step, state]));
}

describe('pauseRun, resumeRun, setHostBudget', () => {
  it('pause a run while images arrive, and continue it with another budget', async () => {
    await start('held', { catalog: await pipeline.writeCatalog(IMAGES), hosts: SLOW });
    const { runId } = await run('held', (entry) => entry.stored >= 5);
    expect(await accepted('held', 'pauseRun')).toContain('resumeRun');
    // Images in flight finished, and the batch did not wait for its last image.
    await ended('held', 'paused');
    const whenHeld = await untilQuiet();
    const isCommitted = (of: RunEntry): boolean => of.committed === of.stored + of.failed;
    const entry = await run('held', isCommitted);
    expect(entry).toMatchObject({ state: 'paused', cutOff: false });
    expect(await refused('held', 'pauseRun')).toContain('paused already');
    const list = ['workflow', 'list', '--query', 'ArtemisState="paused"'];
    expect(await pipeline.temporal(...list)).toContain('held');

    const none = { host: 'default', connections: 0, requestsPerSecond: 1 };
    expect(await refused('held', 'setHostBudget', none)).toContain(
      'connections must be a whole number',
    );
    await accepted('held', 'setHostBudget', {
      host: '127.0.0.1',
      connections: 8,
      requestsPerSecond: 200,
    });
    expect(requests()).toBe(whenHeld);
    await accepted('held', 'resumeRun');
    // With the former budget the rest would take longer than this waits.
    const left = IMAGES - (entry.stored + entry.failed);
    expect(left).toBeGreaterThan(PATIENCE_SECONDS * SLOW.default.requestsPerSecond);
    await ended('held', 'completed');
    expect(pipeline.summary(runId).counts).toMatchObject({ pending: 0 });
    await pipeline.expectVerified();
  });

  itUnlessQuick('apply a budget to batches that are running', async () => {
    await start('faster', {
      catalog: await pipeline.writeCatalog(IMAGES),
      select: 'all',
      hosts: SLOW,
    });
    const before = requests();
    await run('faster', () => requests() > before + 2);
    const left = before + IMAGES - requests();
    expect(left).toBeGreaterThan(PATIENCE_SECONDS * SLOW.default.requestsPerSecond);
    await accepted('faster', 'setHostBudget', {
      host: 'default',
      connections: 8,
      requestsPerSecond: 300,
    });
    await ended('faster', 'completed');
  });
});

describe('a parked run', () => {
  it('says what it accepts, is retried when the cause is fixed, and does only what is left', async () => {
    const { catalog, mend } = await brokenCatalog('mended');
    await start('mended', { catalog, replace: true });
    await ended('mended', 'parked');
    expect(await refused('mended', 'retryStep', { step: 'download' })).toContain(
      'The parked step is ingest. Send {"step":"ingest"}.',
    );
    expect(await refused('mended', 'retryStep')).toContain('{"step":"ingest"}');
    expect(await refused('mended', 'skipStep', { step: 'ingest' })).toContain('Say why');
    expect(await refused('mended', 'abortRun', { reason: 'x'.repeat(600) })).toContain(
      'at most 500',
    );
    expect(await refused('mended', 'retrystep', { step: 'ingest' })).toContain(
      'retryStep, skipStep, abortRun, pauseRun, resumeRun, setHostBudget',
    );
    expect(await refused('mended', 'pauseRun')).toContain('The run is parked');
    mend();
    await accepted('mended', 'retryStep', { step: 'ingest' });
    const { runId } = await ended('mended', 'completed');
    expect(await stepsOf(runId)).toEqual({
      ingest: 'completed',
      download: 'completed',
      publish: 'completed',
    });
  });

  itUnlessQuick('continues without the skipped step, which is shown as skipped', async () => {
    const { catalog } = await brokenCatalog('skipped');
    await start('skipped', { catalog, replace: true });
    await ended('skipped', 'parked');
    await accepted('skipped', 'skipStep', { step: 'ingest', reason: 'the old catalog will do' });
    const { runId } = await ended('skipped', 'completed');
    expect(await stepsOf(runId)).toEqual({
      ingest: 'skipped',
      download: 'completed',
      publish: 'completed',
    });
    const [row] = await pipeline.query<{ code: string; detail: string }>(
      `SELECT code, detail FROM etl_step WHERE run_id = '${runId}' AND step = 'ingest'`,
    );
    expect(row?.code).toBe('catalog_empty');
    expect(row?.detail).toContain('the old catalog will do');
  });

  itUnlessQuick('fails when no operator decides in time', async () => {
    const { catalog } = await brokenCatalog('forgotten');
    await start('forgotten', { catalog, parkTimeout: 1 });
    await ended('forgotten', 'failed');
  });

  itUnlessQuick('is aborted with a reason', async () => {
    const { catalog } = await brokenCatalog('aborted');
    await start('aborted', { catalog });
    await ended('aborted', 'parked');
    await accepted('aborted', 'abortRun', { reason: 'wrong catalog' });
    const { runId } = await ended('aborted', 'aborted');
    const first = pipeline.summary(runId);
    expect(first.state).toBe('aborted');
    const { step } = await run('aborted', ({ state }) => state === 'aborted');
    expect(step?.detail).toMatch(
      /^wrong catalog \(The step had failed: catalog_empty: The catalog/,
    );
    // A reset applies the update again, now before the run has any step.
    await pipeline.temporal(
      ...['workflow', 'reset', '--workflow-id', 'aborted', '--reason', 'test'],
      ...['--type', 'FirstWorkflowTask'],
    );
    const summary = path.join(pipeline.root, 'runs', runId, 'summary.json');
    const hasEndedAgain = ({ state }: RunEntry): boolean =>
      state === 'aborted' &&
      fs.existsSync(summary) &&
      pipeline.summary(runId).endedAt > first.endedAt;
    await run('aborted', hasEndedAgain);
  });
});

describeUnlessQuick('a download under way', () => {
  it('is paused and then cancelled, commits what was downloaded, and leaves no step running', async () => {
    await start('given-up', {
      catalog: await pipeline.writeCatalog(IMAGES),
      select: 'all',
      hosts: SLOW,
    });
    const { runId } = await run('given-up', (entry) => entry.notModified >= 3);
    await accepted('given-up', 'pauseRun');
    await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'given-up');
    await ended('given-up', 'cancelled');
    const { notModified } = pipeline.summary(runId).run;
    expect(notModified).toBeGreaterThanOrEqual(3);
    const same = await committed(runId);
    expect(same).toBe(notModified);
    expect(await stepsOf(runId)).toMatchObject({ ingest: 'completed', download: 'failed' });
  });

  it('is skipped, and what was downloaded is committed and published', async () => {
    await start('enough', {
      catalog: await pipeline.writeCatalog(IMAGES),
      select: 'all',
      hosts: SLOW,
    });
    const { runId } = await run('enough', (entry) => entry.notModified >= 3);
    await accepted('enough', 'skipStep', { step: 'download', reason: 'enough for today' });
    await ended('enough', 'completed');
    expect(await stepsOf(runId)).toEqual({
      ingest: 'completed',
      download: 'skipped',
      publish: 'completed',
    });
    const same = await committed(runId);
    expect(same).toBe(pipeline.summary(runId).run.notModified);
    expect(same).toBeGreaterThanOrEqual(3);
  });

  it('is aborted, and what was downloaded is committed first', async () => {
    await start('stopped', {
      catalog: await pipeline.writeCatalog(IMAGES),
      select: 'all',
      hosts: SLOW,
    });
    const { runId } = await run('stopped', (entry) => entry.notModified >= 3);
    await accepted('stopped', 'abortRun', { reason: 'enough' });
    await ended('stopped', 'aborted');
    expect(pipeline.summary(runId).run.notModified).toBeGreaterThanOrEqual(3);
    await pipeline.expectVerified();
  });
});
