/**
 * Runs that Temporal has closed without giving them a chance to record an end. `status` shows them
 * as cut off all the same.
 */
import type { RunEntry } from '../../../src/contract/run-record';
import { Pipeline } from '../../helpers/runs/pipeline';

const PREFIX = 'artemis-cut-off';
const SLOW = { default: { connections: 2, requestsPerSecond: 4 } };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  await pipeline.up();
});
afterAll(() => pipeline.dispose());

async function begin(id: string, input: object): Promise<void> {
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', id],
    ...['--task-queue', `${PREFIX}-pipeline`, '--input', JSON.stringify(input)],
  );
}

async function terminate(id: string): Promise<void> {
  const ended = ['workflow', 'terminate', '--workflow-id', id, '--reason', 'enough'];
  await pipeline.temporal(...ended);
}

it('a run that is terminated while it is parked, downloads or waits is soon shown as cut off, and one that is only parked is not', async () => {
  const catalog = await pipeline.writeCatalog(110);
  const absent = { catalog: 'catalogs/absent.csv' };
  await begin('busy', { catalog, hosts: SLOW });
  await pipeline.whenRunOf('busy', ({ stored }) => stored > 5);
  await begin('waits', { catalog, select: 'all' });
  for (const id of ['parked', 'stays']) await begin(id, absent);
  await pipeline.whenRunOf('waits', ({ state }) => state === 'waiting');
  for (const id of ['parked', 'stays'])
    await pipeline.whenRunOf(id, ({ state }) => state === 'parked');

  for (const id of ['waits', 'parked', 'busy']) await terminate(id);
  for (const id of ['waits', 'parked', 'busy'])
    await pipeline.whenRunOf(id, ({ cutOff }) => cutOff, 40);
  expect(await pipeline.expectFine('status', 'parked')).toContain('start it again to continue');

  const busy = await pipeline.whenRunOf('busy', () => true);
  // The child has flushed.
  expect(busy.state).toBe('cancelling');
  expect(busy.committed).toBe(busy.stored + busy.failed);
  expect(busy.stored).toBeGreaterThan(5);
  const parked = await pipeline.whenRunOf('parked', () => true);
  const stays = await pipeline.whenRunOf('stays', () => true);
  expect(stays).toMatchObject({ state: 'parked', cutOff: false });

  await pipeline.temporal(
    ...['workflow', 'reset', '--workflow-id', 'parked', '--type', 'FirstWorkflowTask'],
    ...['--reason', 'test'],
  );
  const isParked = ({ state, cutOff }: RunEntry): boolean => state === 'parked' && !cutOff;
  const again = await pipeline.whenRunOf('parked', isParked);
  expect(again.runId).toBe(parked.runId);
}, 180_000);
