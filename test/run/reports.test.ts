/** The report that every run leaves, however it ends. */
import fs from 'node:fs';
import path from 'node:path';
import { queriesIn, rowsBelow, textOf } from '../report/report-fixture';
import { Pipeline } from '../helpers/runs/pipeline';

const COUNT = 60;

let pipeline: Pipeline;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-reports' });
  catalog = path.join(pipeline.root, await pipeline.writeCatalog(COUNT));
  const rows = [
    'beyond,http://10.0.0.1/x.jpg,',
    'twice,http://10.0.0.1/1,',
    'twice,http://10.0.0.1/2,',
  ];
  fs.appendFileSync(catalog, `${rows.join('\n')}\n`);
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

function reportOf(runId: string): string {
  return path.join(pipeline.root, 'runs', runId, 'report.html');
}

/** Starts a run that cannot end by itself, and waits until it has stored something. */
async function startSlowRun(workflowId: string): Promise<string> {
  const slow = { default: { connections: 1, requestsPerSecond: 2 } };
  const input = {
    catalog: path.relative(pipeline.root, catalog),
    select: 'all',
    hosts: slow,
  };
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--task-queue', 'artemis-reports-pipeline'],
    ...['--workflow-id', workflowId, '--input', JSON.stringify(input)],
  );
  const isUnderWay = (run: { readonly planned: number }): boolean => run.planned > 0;
  return (await pipeline.whenRunOf(workflowId, isUnderWay, 60)).runId;
}

async function detailsOf(workflowId: string): Promise<string> {
  const words = ['workflow', 'metadata', '--output', 'json', '--workflow-id', workflowId];
  return pipeline.temporal(...words);
}

it('a completed run names its report, whose numbers are those of the snapshot', async () => {
  const { code, stderr } = await pipeline.run('run', catalog);
  expect(code).toBe(3);
  const [run] = (await pipeline.status()).runs;
  const file = reportOf(run?.runId ?? '');
  expect(stderr).toContain(`report: ${file}`);
  expect(run?.report).toBe(path.relative(pipeline.root, file));
  expect(await pipeline.expectFine('status')).toContain(`  report: ${file}`);
  expect(await detailsOf(run?.workflowId ?? '')).toContain('report.html');

  const report = fs.readFileSync(file, 'utf8');
  const summary = pipeline.summary(run?.runId ?? '');
  const { stored, failed, requests } = summary.run;
  expect(textOf(report)).toContain(`${stored} stored (`);
  expect(textOf(report)).toContain(`${failed} failed. ${requests} requests were sent`);
  const failures = rowsBelow(report, 'failed');
  const sum = failures.reduce((total, [, , images]) => total + Number(images), 0);
  expect(sum).toBe(failed);
  expect(failures).toContainEqual(expect.arrayContaining(['10.0.0.1', 'beyond']));
  expect(rowsBelow(report, 'rejected')).toEqual([
    expect.arrayContaining(['duplicate_conflict', 'twice']),
  ]);
  expect(rowsBelow(report, 'steps').map(([step, state]) => [step, state])).toEqual([
    ['ingest', 'completed'],
    ['download', 'completed'],
    ['publish', 'completed'],
  ]);
  for (const sql of queriesIn(report)) expect(await pipeline.query(sql)).toBeInstanceOf(Array);
});

it('the command draws it again, by any of the ids of the run, without the warehouse', async () => {
  const [run] = (await pipeline.status()).runs;
  const file = reportOf(run?.runId ?? '');
  fs.rmSync(file);
  const away = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
  for (const words of [[], [run?.runId ?? ''], [run?.workflowId ?? '']]) {
    const drawn = await pipeline.startWith(away, 'report', ...words).finished;
    expect(drawn).toMatchObject({ code: 0, stdout: `${file}\n` });
    expect(textOf(fs.readFileSync(file, 'utf8'))).toContain('completed');
    fs.rmSync(file);
  }
  const unknown = await pipeline.run('report', 'nonsense');
  expect(unknown.stderr).toContain('there is no run "nonsense"');
  expect(unknown.code).toBe(2);
});

it('a cancelled run has a report that says how to go on', async () => {
  const runId = await startSlowRun('cancelled');
  await pipeline.temporal('workflow', 'cancel', '--workflow-id', 'cancelled');
  await pipeline.whenRunOf('cancelled', ({ state }) => state === 'cancelled');
  const report = textOf(fs.readFileSync(reportOf(runId), 'utf8'));
  expect(report).toContain('cancelled : the run was cancelled');
  expect(report).toContain('The same run takes up what is left: artemis-pipeline run');
});

it('a report that cannot be drawn changes nothing but a line of the summary', async () => {
  const runId = await startSlowRun('undrawn');
  fs.mkdirSync(path.join(reportOf(runId), 'in the way'), { recursive: true });
  await pipeline.setDefaultBudget('undrawn', { connections: 8, requestsPerSecond: 200 });
  await pipeline.whenRunOf('undrawn', ({ state }) => state === 'completed');
  const summary = pipeline.summary(runId);
  expect(summary).toMatchObject({ state: 'completed', run: { planned: summary.run.planned } });
  expect(summary.report).toBeUndefined();
  expect(summary.reportProblem).toMatch(/report\.html/);
  const details = await detailsOf('undrawn');
  expect(details).toContain('could not be drawn');
  expect(details).toContain(`artemis-pipeline report ${runId}`);
  const files = fs.readdirSync(path.join(pipeline.root, 'tmp'));
  expect(files.filter((name) => name.includes('report'))).toEqual([]);
});
