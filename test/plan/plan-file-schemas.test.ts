/** Readers of a plan reject files that do not match the schema. */
import { writeFileSync } from 'node:fs';
import { stepErrorOf } from '../catalog/data-root-fixture';
import { laneFileName, planPageName } from '../../src/contract/plan-entry';
import { PlanFixture, imagesOf } from './plan-fixture';

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

test('an unknown field in a page or an entry of a plan is an error that names the file', async () => {
  await fixture.snapshot(imagesOf('a.example', 3));
  const hosts = { default: { connections: 8, requestsPerSecond: 20 } };
  const planned = await fixture.plan({ hosts });
  const [lane] = await fixture.lanes(planned);
  if (lane === undefined) throw new Error('there is no lane');
  expect(await fixture.entries(lane)).toHaveLength(3);

  const plan = (name: string): string => fixture.path('runs', fixture.runId, 'plan', name);
  const text = fixture.laneText(lane).replaceAll('"file":null', '"file":null,"more":1');
  writeFileSync(plan(laneFileName(lane.lane)), text);
  const entryError = await stepErrorOf(fixture.entries(lane));
  expect(entryError.code).toBe('input');
  expect(entryError.message).toContain(`plan/${laneFileName(lane.lane)}`);
  expect(entryError.message).toContain('more');

  writeFileSync(plan(planPageName(0)), JSON.stringify({ lanes: [{ ...lane, more: 1 }] }));
  const pageError = await stepErrorOf(fixture.lanes(planned));
  expect(pageError.code).toBe('input');
  expect(pageError.message).toContain(`plan/${planPageName(0)}`);
  expect(pageError.message).toContain('more');
});
