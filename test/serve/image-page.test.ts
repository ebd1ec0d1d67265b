/** What the page of an image says of its picture, over features whose values are known. */
import type { FeatureValues } from '../../src/contract/features/feature';
import { oklabOf } from '../../src/features/colour/oklab';
import { hexOf } from '../../src/serve/pages/image-page/palette';
import { seededNumbers } from '../helpers/seeded-random';
import { ModelFixture } from '../models/model-fixture';
import { appendFeatures, computed, failed, sha256, VALUES } from '../warehouse/feature-lines';
import { ledgerLine } from '../warehouse/warehouse-fixture';
import { textOf } from '../report/report-fixture';
import { serveFolder, type ServedFolder } from './serve-folder';

/** Images `i0` to `i19`, whose sharpness and brightness grow with their numbers. */
const COUNT = 20;
const HOSTILE = '<script>window.hacked=1</script>\u202E';

/** The images whose file has no features, and why. */
const BROKEN = 'i19';
const LATER = 'i18';

const METADATA: FeatureValues['metadata'] = {
  ...{ title: HOSTILE, creator: 'Ada; Grace', copyright: '© Ada', licence: 'CC BY 4.0' },
  ...{ make: 'Canon', model: 'Canon EOS 5D', lens: 'EF 50 mm', software: 'GIMP' },
  ...{ takenAtOffset: '+02:00', orientation: 6 },
  ...{ exposureSeconds: 0.008, fNumber: 2.8, iso: 200, focalLength: 50 },
};

function valuesOf(n: number): FeatureValues {
  return {
    ...VALUES,
    // Numbers that differ in many bits, so that no two images are near.
    phash: BigInt.asUintN(64, 0x1f3a5b79n ** BigInt(n + 3))
      .toString(16)
      .padStart(16, '0'),
    pdq: (n % 16).toString(16).repeat(64),
    sharpness: 100 * n,
    brightness: n / 40,
    colour: n % 5 === 0 ? 'red' : 'blue',
    metadata: n === 0 ? METADATA : null,
    takenAt: n === 0 ? '2021-05-01T12:30:59' : null,
    pdqQuality: n === 3 ? 20 : 100,
  };
}

let fixture: ModelFixture;
let serving: ServedFolder;
beforeAll(async () => {
  fixture = new ModelFixture();
  const ids = Array.from({ length: COUNT }, (_, n) => `i${n}`);
  await fixture.merge(
    'r1',
    ids.map((id) => ({ id, url: `http://h/${id}`, title: `Work ${id}` })),
  );
  // The last but two are copies of one another.
  const fileOf = (id: string): string => sha256(id === 'i17' ? 'i16' : id);
  fixture.append(
    'r1',
    ids.map((id) => ledgerLine({ id, sha256: fileOf(id), width: 1_200, height: 800 })),
  );
  const withFeatures = ids.slice(0, 17);
  appendFeatures(fixture.root, 'r1', [
    ...withFeatures.map((id, n) => computed(id, { values: valuesOf(n) })),
    failed(BROKEN, { code: 'truncated', detail: `cut ${HOSTILE}` }),
  ]);
  await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: 'r1' });
  await fixture.warehouse.commitFeatures({ warehouseId: 'w', runId: 'r1' });
  await fixture.publish();
  serving = await serveFolder(fixture.root);
}, 60_000);
afterAll(async () => {
  await serving.close();
  fixture.remove();
});

const pageOf = (id: string): Promise<string> => serving.page(`/image?id=${id}`);
const textOfPage = async (id: string): Promise<string> => textOf(await pageOf(id));

describe('the page of an image', () => {
  it('has the measures of its picture with units, and compares them with other files', async () => {
    const middle = await textOfPage('i12');
    expect(middle).toContain('Sharpness 1,200 Sharper than 75 % of the 16 other files.');
    expect(middle).toContain('Brightness 30 % Brighter than 75 % of the 16 other files.');
    expect(middle).toContain('Contrast 50 % As nearly all other files.');
    expect(middle).toContain('Detail 7.5 bits');
    expect(middle).toContain('Of the picture 13 % is grey.');
    expect(middle).toContain('1200 × 800 pixels (1.0 megapixels, landscape)');
    const first = await textOfPage('i0');
    expect(first).toContain('Sharpness 0 Blurrier than all 16 other files.');
    expect(first).toContain('Brightness 0 % Darker than all 16 other files.');
  });

  it('says when there is too little in the picture for its sharpness to mean anything', async () => {
    const words = 'There is little in this picture, so its sharpness says nothing';
    expect(await textOfPage('i3')).toContain(words);
    expect(await textOfPage('i4')).not.toContain(words);
  });

  it('shows its colours with their shares, and leads to pictures of the same colour', async () => {
    const page = await pageOf('i5');
    const [stripes] = /<svg\s+class="palette".*?<\/svg>/s.exec(page) ?? [''];
    expect(
      [...stripes.matchAll(/x="([\d.]+)"\s+width="([\d.]+)"/g)].map(([, ...one]) => one),
    ).toEqual([
      ['0', '75'],
      ['75', '25'],
    ]);
    expect(page).toContain('href="/images?colour=red"');
    const red = JSON.parse(await serving.page('/api/images?colour=red')) as {
      readonly images: readonly { readonly id: string }[];
    };
    expect(red.images.map(({ id }) => id)).toEqual(['i0', 'i5', 'i10', 'i15']);
    expect(await serving.page('/images?colour=red')).toContain('Colour:');
  });

  it('says what the file says of itself, as text', async () => {
    const page = await pageOf('i0');
    expect(page).not.toContain('<script>window');
    const text = textOf(page);
    expect(text).toContain(String.raw`<script>window.hacked=1</script>\u{202E}`);
    for (const words of [
      'Creator Ada; Grace',
      'Copyright © Ada',
      'Licence CC BY 4.0',
      'Taken 2021-05-01 12:30:59 (UTC+02:00)',
      'Camera Canon EOS 5D',
      'Exposure 1/125 s, f/2.8, ISO 200, 50 mm',
      'Pixels in the file on its side',
    ])
      expect(text).toContain(words);
    expect(await textOfPage('i1')).not.toContain('What the file says of itself');
  });

  it('has the hashes as the ledger has them', async () => {
    const text = await textOfPage('i12');
    expect(text).toContain(valuesOf(12).phash);
    expect(text).toContain(valuesOf(12).pdq);
  });

  it('says why a file has no features, or how they are computed', async () => {
    const broken = await textOfPage(BROKEN);
    expect(broken).toContain('Nothing could be computed of this file: truncated . cut <script>');
    const later = await textOfPage(LATER);
    expect(later).toContain('not computed for this file yet');
    expect(later).toContain(`run --steps features,clusters,aggregates,publish --data`);
  });

  it('leads to copies, and to the images before and after it', async () => {
    const copy = await pageOf('i16');
    expect(copy).toContain('<a class="chip" href="#copies">1 other image with the same bytes</a>');
    expect(copy).toContain('id="copies"');
    expect(copy).toMatch(/href="\/image\?id=i15">← Before<.*href="\/images#17".*id=i17">After →</s);
    const first = await pageOf('i0');
    expect(first).toContain('<li class="quiet">← Before</li>');
    expect(first).toContain('No copies or similar pictures of this image are known.');
  });
});

it('a search that fails does not look like one that found nothing', async () => {
  await fixture.addToSnapshot('DROP VIEW image_feature; ALTER TABLE feature DROP COLUMN pdq_0');
  const other = await serveFolder(fixture.root);
  try {
    const page = await other.page('/image?id=i2');
    expect(page).toContain('<a class="chip" href="#near">Near duplicates: not known</a>');
    expect(page).toContain('The snapshot cannot answer this.');
    expect(page).not.toContain('No copies or similar pictures');
  } finally {
    await other.close();
  }
});

it('colours of a palette are those that the features were computed of', () => {
  const next = seededNumbers(7);
  const colours = Uint8Array.from({ length: 3 * 500 }, () => next() & 0xff);
  const lab = oklabOf(colours);
  for (let at = 0; at < colours.length; at += 3) {
    const [l = 0, a = 0, b = 0] = lab.slice(at, at + 3);
    expect(hexOf({ l, a, b })).toBe(`#${Buffer.from(colours.slice(at, at + 3)).toString('hex')}`);
  }
});
