/** A plan of a collection that the snapshot does not have is refused; it would be empty. */
import { stepErrorOf } from '../catalog/data-root-fixture';
import { imagesOf, PlanFixture } from './plan-fixture';

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

const hosts = { default: { connections: 8, requestsPerSecond: 20 } };

test('a collection without images in the snapshot is refused, and the others are named', async () => {
  await fixture.snapshot(imagesOf('a', 2));
  const error = await stepErrorOf(fixture.plan({ hosts, collection: 'posters' }));
  expect(error).toMatchObject({ code: 'input' });
  expect(error.message).toContain('no images of the collection "posters". It has the unnamed');
});
