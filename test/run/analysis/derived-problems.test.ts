/** A derived file that cannot be merged: the run completes without its tables, and says so. */
import fs from 'node:fs';
import path from 'node:path';
import { Pipeline } from '../../helpers/runs/pipeline';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.onSharedServer({ ARTEMIS_QUEUE_PREFIX: 'artemis-left-out' });
});
afterAll(() => pipeline.dispose());

it('a damaged derived file is in the summary of the run that finds it, and on the terminal', async () => {
  const catalog = path.join(pipeline.root, await pipeline.writeCatalog(3));
  fs.mkdirSync(path.join(pipeline.root, 'derived'));
  fs.writeFileSync(path.join(pipeline.root, 'derived', 'models.duckdb'), 'no database');
  const { code, stderr } = await pipeline.run('run', catalog, '--steps', 'ingest,publish');
  expect(code).toBe(0);
  expect(stderr).toMatch(/left out of the snapshot: derived\/models\.duckdb .*quarantine\//);
  const { runId } = await pipeline.when(({ state }) => state === 'completed');
  expect(pipeline.summary(runId).derivedProblems).toEqual([
    { kind: 'models', detail: expect.stringContaining('could not be merged') as string },
  ]);
});
