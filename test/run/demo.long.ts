/** The demo, as somebody who has just cloned the project types it. */
import { Pipeline } from '../helpers/runs/pipeline';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.create();
});
afterAll(() => pipeline.dispose());

const COUNTS =
  "SELECT count(*)::INT AS images FROM image WHERE state = 'stored' UNION ALL SELECT count(*)::INT FROM image_feature";

it('the demo ends with copies, the blurriest pictures and colours, and a second time with the same', async () => {
  const first = await pipeline.run('demo', '--data', pipeline.root);
  expect(first).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/report: \S+report\.html/);
  const [stored, computed] = await pipeline.query<{ readonly images: number }>(COUNTS);
  expect(stored?.images).toBeGreaterThan(1_900);
  expect(computed).toEqual(stored);
  const [copies] = await pipeline.query<{ readonly groups: number; readonly images: number }>(
    'SELECT count(*)::INT AS groups, sum(images)::INT AS images FROM duplicates',
  );
  expect(copies?.groups).toBeGreaterThan(10);
  expect(first.stdout).toMatch(
    new RegExp(`under different URLs:.*│ ${copies?.groups} +│ ${copies?.images} +│`, 's'),
  );
  expect(first.stdout).toMatch(/The blurriest pictures:\n┌.*│ sharpness/s);
  expect(first.stdout).toMatch(/The colours of the pictures:\n┌.*│ grey +│ \d+/s);

  const second = await pipeline.run('demo', '--data', pipeline.root);
  expect(second).toMatchObject({ code: 0 });
  expect(second.stderr).toMatch(/0 stored \(0 B\), 0 not modified, \d+ failed of \d+ planned/);
  expect(await pipeline.query(COUNTS)).toEqual([stored, computed]);
  await pipeline.expectVerified();
}, 900_000);
