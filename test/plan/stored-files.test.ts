/** A plan names the stored files that images with other ids can be linked to. */
import { PlanFixture } from './plan-fixture';

const hosts = { default: { connections: 8, requestsPerSecond: 20 } };

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

const stored = (id: string): object => ({
  path: `raw/${id}`,
  sha256: `sha-${id}`,
  etag: '"etag"',
  lastModified: null,
  bytes: 100,
  width: 4,
  height: 3,
  format: 'png',
  verdict: 'valid',
});

test('an entry has the file that its URL gave last to an image of another id, unless hosts are asked again', async () => {
  await fixture.snapshot([
    { id: '1000', url: 'http://a/1', state: 'stored' },
    { id: '1000-later', url: 'http://a/1', state: 'stored' },
    { id: '1000#x', url: 'http://a/1' },
    { id: '1000#y', url: 'http://a/1#anchor' },
    { id: 'moved', url: 'http://a/2', fileUrl: 'http://a/3' },
    { id: 'other', url: 'http://a/3' },
  ]);
  const filesOf = async (select: 'pending' | 'all'): Promise<readonly (readonly unknown[])[]> => {
    const lanes = await fixture.lanes(await fixture.plan({ hosts, select }));
    const entries = await Promise.all(lanes.map((lane) => fixture.entries(lane)));
    return entries.flat().map((entry) => [entry.ids.length, entry.stored]);
  };

  expect(await filesOf('pending')).toEqual([
    [2, stored('1000-later')],
    [1, undefined],
    [1, stored('moved')],
  ]);
  expect(await filesOf('all')).toEqual([
    [4, undefined],
    [1, undefined],
    [1, undefined],
  ]);
});
