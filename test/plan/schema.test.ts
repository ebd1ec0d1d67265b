/** What a plan's readers make of files that do not fit the schema. */
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

test('an unknown field in a page, and in an entry, is an error that names the file', async () => {
  await fixture.snapshot(imagesOf('a.example', 3));
  const hosts = { default: { connections: 8, requestsPerSecond: 20 } };
  const planned = await fixture.plan({ hosts });
  const [lane] = await fixture.lanes(planned);
  if (lane === undefined) throw new Error('there is no lane');
  expect(await fixture.entries(lane)).toHaveLength(3);

  const plan = (name: string): string => fixture.path('runs', fixture.runId, 'plan', name);
  const text = fixture.laneText(lane).replaceAll('"file":null', '"file":null,"more":1');
  writeFileSync(plan(laneFileName(lane.lane)), text);
  const ofEntry = await stepErrorOf(fixture.entries(lane));
  expect(ofEntry.code).toBe('input');
  expect(ofEntry.message).toContain(`plan/${laneFileName(lane.lane)}`);
  expect(ofEntry.message).toContain('more');

  writeFileSync(plan(planPageName(0)), JSON.stringify({ lanes: [{ ...lane, more: 1 }] }));
  const ofPage = await stepErrorOf(fixture.lanes(planned));
  expect(ofPage.code).toBe('input');
  expect(ofPage.message).toContain(`plan/${planPageName(0)}`);
  expect(ofPage.message).toContain('more');
});
