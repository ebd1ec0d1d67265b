/** DuckDB writes the lines of a plan, and they are those that JSON.stringify would write. */
import fc from 'fast-check';
import { plannedUrl } from '../../src/plan/planned-url';
import { PlanFixture } from './plan-fixture';
import { urlHash, type SnapshotImage } from './snapshot-fixture';

const hosts = { default: { connections: 8, requestsPerSecond: 20 } };

let fixture: PlanFixture;
beforeEach(() => {
  fixture = new PlanFixture();
});
afterEach(() => {
  fixture.remove();
});

const STRANGE = [
  '"',
  '\\',
  '\\u001F',
  '\u0001',
  '\u001f',
  '\u007f',
  '\t',
  '\n',
  '\u2028',
  'é',
  '😀',
  '/',
];

/** The same images for the same seed. Some share a URL, and some URLs must be parsed. */
function randomImages(seed: number): readonly SnapshotImage[] {
  const text = fc.string({ unit: fc.constantFrom(...STRANGE, 'a', 'b', '1'), maxLength: 6 });
  const start = fc.constantFrom('http://a.example/', 'https://B.example:8443/', 'http://c/x?', '');
  const url = fc.tuple(start, text).map((parts) => parts.join(''));
  const image = fc.record({ text, url, state: fc.constantFrom('pending', 'failed', 'stored') });
  const images = fc.sample(image, { seed, numRuns: 400 });
  return images.map(({ text: id, ...others }, n) => ({ id: `${n}-${id}`, ...others }));
}

test.each([1, 2, 3])('the lines of a plan of random images are JSON (seed %i)', async (seed) => {
  const images = randomImages(seed);
  await fixture.snapshot(images);
  const lanes = await fixture.lanes(await fixture.plan({ hosts, select: 'all' }));
  const lines = lanes.flatMap((lane) => fixture.laneText(lane).trimEnd().split('\n'));
  expect(lines).toEqual(lines.map((line) => JSON.stringify(JSON.parse(line))));

  const entries = (await Promise.all(lanes.map((lane) => fixture.entries(lane)))).flat();
  const urls = entries.map(({ url }) => url);
  expect(new Set(urls).size).toBe(urls.length);
  const planned = entries.flatMap(({ url, ids }) => ids.map((image) => ({ url, ...image })));
  const expected = images.map(({ id, url, state }) => ({
    url: plannedUrl(url ?? '').url,
    id,
    urlHash: urlHash(url ?? ''),
    file:
      state === 'stored'
        ? { path: `raw/${id}`, sha256: `sha-${id}`, etag: '"etag"', lastModified: null }
        : null,
  }));
  const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
  expect(planned.sort(byId)).toEqual(expected.sort(byId));
});
