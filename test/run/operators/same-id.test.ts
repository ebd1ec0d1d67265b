/** Starts the same id twice, and two runs over one warehouse. */
import fs from 'node:fs';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { STATE_KEY } from '../../../src/contract/operator';
import type { RunEntry, RunState } from '../../../src/contract/run-record';
import { readStatus } from '../../../src/files/run/run-status';
import { clientOf } from '../../helpers/runs/client-of';
import { Pipeline } from '../../helpers/runs/pipeline';
import { until } from '../../helpers/until';

const PREFIX = 'artemis-same';
/**
 * With `SLOW` no run ends while a test observes it, however slow the machine is. `QUICK` lets it
 * end.
 */
const SLOW = { default: { connections: 2, requestsPerSecond: 1 } };
const QUICK = { default: { connections: 8, requestsPerSecond: 400 } };

let pipeline: Pipeline;
let catalog: string;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({
    ARTEMIS_QUEUE_PREFIX: PREFIX,
    ARTEMIS_WEB_UI: 'http://127.0.0.1:8233',
  });
  await pipeline.up();
  catalog = await pipeline.writeCatalog(220);
});
afterAll(() => pipeline.dispose());

function temporalStart(id: string, input: object, ...more: readonly string[]): readonly string[] {
  return [
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', id],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(input), ...more],
  ];
}

function run(id: string, input: object): readonly string[] {
  const file = path.join('data', catalog);
  return ['run', file, '--workflow-id', id, '--input', JSON.stringify(input)];
}

describe('an id under which a run is under way', () => {
  beforeAll(async () => {
    await pipeline.temporal(...temporalStart('tate', { catalog, hosts: SLOW }));
    await pipeline.when((entry) => entry.stored > 0);
  });

  it("is attached to by temporal's own start, which exits with 0 unless it has --fail-existing", async () => {
    const again = temporalStart('tate', { catalog, hosts: QUICK });
    expect(await pipeline.runTemporal(...again)).toMatchObject({ code: 0 });
    expect((await pipeline.runTemporal(...again, '--fail-existing')).code).not.toBe(0);
    expect((await pipeline.status()).runs).toHaveLength(1);
  });

  it('is refused by run with another input, which names what differs', async () => {
    const { code, stderr } = await pipeline.run(...run('tate', { hosts: SLOW, limit: 7 }));
    expect(code).toBe(2);
    expect(stderr).toContain('limit is null there, 7 here');
    expect(stderr).toContain('--workflow-id');
  });

  it('is followed by run with the same input, which stops following at Ctrl-C and ends with its exit code', async () => {
    const leaving = pipeline.start(...run('tate', { hosts: SLOW }));
    const staying = pipeline.start(...run('tate', { hosts: SLOW }));
    await leaving.says('download: ');
    expect(leaving.stderr()).toContain('"tate" is under way already');
    expect(leaving.stderr()).toContain('/workflows/tate/');
    leaving.kill('SIGINT');
    const left = await leaving.finished;
    expect(left.code).toBe(130);
    expect(left.stderr).toContain('continues: other processes started it');
    await pipeline.setDefaultBudget('tate', QUICK.default);
    const { code, stderr } = await staying.finished;
    expect(stderr).toContain('completed after');
    const { runs } = await pipeline.status();
    expect(runs).toHaveLength(1);
    expect(code).toBe(runs[0]?.failed === 0 ? 0 : 3);
  });

  it('starts a new run when the earlier one has ended', async () => {
    // The run has nothing to do, but images of the earlier run have failed permanently.
    expect((await pipeline.run(...run('tate', { hosts: SLOW }))).code).toBe(3);
    expect((await pipeline.status()).runs).toHaveLength(2);
  });
});

describe('a run that is ended by others while it is followed', () => {
  const all = { hosts: SLOW, select: 'all' };

  it('is followed through a reset, and ends with 7 and says what to do when it is terminated', async () => {
    const following = pipeline.start(...run('reset', all));
    await pipeline.when(({ workflowId, notModified }) => workflowId === 'reset' && notModified > 0);
    await pipeline.temporal(
      ...['workflow', 'reset', '--workflow-id', 'reset', '--type', 'FirstWorkflowTask'],
      ...['--reason', 'test'],
    );
    const { runId } = await pipeline.whenRunOf('reset', ({ state }) => state === 'running');
    await pipeline.temporal(
      ...['workflow', 'terminate', '--workflow-id', 'reset', '--reason', 'enough'],
    );
    const { code, stderr } = await following.finished;
    expect(code).toBe(7);
    expect(stderr).toContain('The run reset was terminated (enough)');
    expect(stderr).toContain('only what is left is fetched');
    expect(stderr).not.toContain('bug');
    const ofId = (await pipeline.status()).runs.filter(({ workflowId }) => workflowId === 'reset');
    expect(ofId.map((entry) => entry.runId)).toEqual([runId]);
    // Its downloads would finish their batch slowly while the next run waits for them. They may
    // have ended by now.
    await pipeline.runTemporal('workflow', 'terminate', '--workflow-id', 'reset-download');
  });
});

describe('another id over the same warehouse', () => {
  let client: Client;
  beforeAll(async () => {
    client = await clientOf(pipeline);
    await start('one', { catalog, select: 'all', hosts: SLOW });
    await pipeline.when((entry) => entry.workflowId === 'one' && entry.notModified > 0);
  });
  afterAll(() => client.connection.close());

  async function start(workflowId: string, input: object): Promise<void> {
    const taskQueue = `${PREFIX}-pipeline`;
    await client.workflow.start('runPipeline', { workflowId, taskQueue, args: [input] });
  }

  it('waits, and details, status and run name the run that is waited for, and since when', async () => {
    const second = pipeline.start(...run('two', { hosts: QUICK }));
    await second.says('The run "one" downloads into this data root, since 2');
    const entry = await pipeline.when((newest) => newest.state === 'waiting');
    expect(entry).toMatchObject({ workflowId: 'two', cutOff: false });
    // Its ingest did not wait.
    expect(entry.step).toMatchObject({ name: 'download', state: 'running' });
    expect(entry.step?.detail).toContain('The run "one" downloads');
    expect(await pipeline.expectFine('status', 'two')).toContain('The run "one" downloads');
    const described = await client.workflow.getHandle('two').describe();
    expect(described.typedSearchAttributes.get(STATE_KEY)).toBe('waiting');
    await expectTouched(entry);
  });

  it('leaves slots to the run that is waited for, even when more runs wait than a worker has slots', async () => {
    const ids = Array.from({ length: 9 }, (_value, index) => `waiter-${index}`);
    await Promise.all(ids.map((id) => start(id, { catalog, steps: ['download'] })));
    const states = async (): Promise<readonly RunState[]> => {
      const { runs } = await readStatus(pipeline.root, new Date());
      return runs.filter((run) => ids.includes(run.workflowId)).map((run) => run.state);
    };
    const waiting = async (): Promise<boolean> =>
      (await states()).filter((state) => state === 'waiting').length === ids.length;
    await until(waiting, { within: 120, every: 100, saying: 'nine runs to wait' });
    await pipeline.setDefaultBudget('one', QUICK.default);
    expect(await client.workflow.getHandle('one').result()).toMatchObject({ state: 'completed' });
    await Promise.all(ids.map((id) => client.workflow.getHandle(id).cancel()));
    await client.workflow.getHandle('two').result();
  });
});

async function expectTouched({ runId, updatedAt }: RunEntry): Promise<void> {
  const file = path.join(pipeline.root, 'runs', runId, 'progress.json');
  const written = fs.readFileSync(file, 'utf8');
  await pipeline.when(() => fs.statSync(file).mtimeMs > Date.parse(updatedAt));
  expect(fs.readFileSync(file, 'utf8')).toBe(written);
}
