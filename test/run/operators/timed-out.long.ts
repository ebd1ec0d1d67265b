/**
 * A run that Temporal ends by a timeout of its workflow: the workflow cannot report it, but a
 * command that follows it does.
 */
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';

const PREFIX = 'artemis-timeout';
const SLOW = { hosts: { default: { connections: 2, requestsPerSecond: 2 } } };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create({ ARTEMIS_QUEUE_PREFIX: PREFIX });
  await pipeline.up();
}, 60_000);
afterAll(() => pipeline.dispose());

it('run ends with 7 and says what to do when its workflow times out, and the same command continues the run', async () => {
  const catalog = await pipeline.writeCatalog(60);
  await pipeline.temporal(
    ...['workflow', 'start', '--type', 'runPipeline', '--workflow-id', 'short'],
    ...['--task-queue', `${PREFIX}-pipeline`, '--execution-timeout', '12s'],
    ...['--input', JSON.stringify({ catalog, ...SLOW })],
  );
  const words = ['run', path.join('data', catalog), '--workflow-id', 'short'];
  const { code, stderr } = await pipeline.run(...words, '--input', JSON.stringify(SLOW));
  expect(stderr).toContain('is under way already');
  expect(stderr).toContain('The run short was ended by a timeout of its workflow');
  expect(stderr).toContain('only what is left is fetched');
  expect(code).toBe(7);
  expect([0, 3]).toContain((await pipeline.run(...words)).code);
  const [next] = (await pipeline.status()).runs;
  expect(next).toMatchObject({ state: 'completed' });
  expect(next?.planned).toBeLessThan(60);
  await pipeline.expectFine('verify', '--deep');
}, 180_000);
