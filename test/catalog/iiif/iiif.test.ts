/** IIIF manifests and collections as catalogs, counted by the table that they are written from. */
import { mkdirSync } from 'node:fs';
import fc from 'fast-check';
import { imageUrl } from '../../../src/catalog/iiif/image-url';
import { curlConfig, fetchManifestsLine } from '../../../src/cli/inspect/manifest-commands';
import { walkIiif, type IiifFinding } from '../../../src/catalog/iiif/walk-iiif';
import { DataRootFixture, stepErrorOf } from '../data-root-fixture';

/** The image URLs of each canvas of a manifest. */
type Pages = readonly (readonly string[])[];

const service = (url: string) => ({ id: `${url}/service`, type: 'ImageService3' });

/** As version 3 of the Presentation API has it; several images of a page are a choice. */
function manifest3(id: string, pages: Pages): object {
  const painting = (url: string) => ({ id: url, type: 'Image', service: [service(url)], width: 9 });
  const items = pages.map((urls, n) => ({
    ...{ id: `${id}/${n}`, type: 'Canvas', label: { none: [`p. ${n}`] } },
    items: [
      {
        type: 'AnnotationPage',
        items: urls.length === 0 ? [] : [{ motivation: 'painting', body: bodyOf(urls) }],
      },
    ],
  }));
  function bodyOf(urls: readonly string[]): object {
    const [only, another] = urls.map(painting);
    return another === undefined ? (only ?? {}) : { type: 'Choice', items: urls.map(painting) };
  }
  const context = 'http://iiif.io/api/presentation/3/context.json';
  return { '@context': context, id, type: 'Manifest', label: { en: ['A', 'B'] }, items };
}

/** As version 2 has it. */
function manifest2(id: string, pages: Pages): object {
  const canvases = pages.map((urls, n) => ({
    ...{ '@id': `${id}/${n}`, '@type': 'sc:Canvas', label: `p. ${n}` },
    images: urls.map((url) => ({
      motivation: 'sc:painting',
      resource: { '@id': url, '@type': 'dctypes:Image' },
    })),
  }));
  const context = 'http://iiif.io/api/presentation/2/context.json';
  return {
    ...{ '@context': context, '@id': id, '@type': 'sc:Manifest', label: [{ '@value': 'A' }] },
    sequences: [{ canvases }],
  };
}

function imagesIn(found: Iterable<IiifFinding>): readonly (readonly (string | null)[])[] {
  return [...found].map((one) => (one.kind === 'image' ? one.values.slice(0, 2) : [one.kind]));
}

const pagesOf = fc.array(fc.array(fc.webUrl(), { maxLength: 3 }), { maxLength: 5 });

test.each([
  ['3', manifest3],
  ['2', manifest2],
])('every image of every canvas of a manifest of version %s is a record', (_, write) => {
  fc.assert(
    fc.property(pagesOf, (pages) => {
      const expected = pages.flatMap((urls, n) =>
        urls.length === 0 ? [[`http://m/${n}`, null]] : urls.map((url) => [`http://m/${n}`, url]),
      );
      const document: unknown = JSON.parse(JSON.stringify(write('http://m', pages)));
      expect(imagesIn(walkIiif(document, undefined))).toEqual(expected);
    }),
  );
});

describe('the size of an image', () => {
  const full = 'https://h/iiif/a%2Fb/full/full/0/default.jpg';
  it.each([
    ['that is not asked for leaves the URL', full, null, undefined, full],
    ['is put into a URL of the Image API', full, null, '843,', full.replace('full/0', '843,/0')],
    ['of a file without a service is its own', 'https://h/a.jpg', null, '843,', 'https://h/a.jpg'],
    [
      'of a file with a service is asked for there',
      'https://h/a.jpg',
      { id: 'https://h/s/', version: 3 },
      '!500,500',
      'https://h/s/full/!500,500/0/default.jpg',
    ],
    [
      'is the largest of a service of version 3',
      null,
      { id: 's', version: 3 },
      undefined,
      's/full/max/0/default.jpg',
    ],
    [
      'is the largest of a service of version 1',
      null,
      { id: 's', version: 1 },
      undefined,
      's/full/full/0/native.jpg',
    ],
    ['without a URL and a service is none', null, null, '843,', null],
  ] as const)('%s', (_, given, from, size, expected) => {
    expect(imageUrl(given, from, size)).toBe(expected);
  });
});

describe('a catalog', () => {
  let fixture: DataRootFixture;
  beforeEach(() => {
    fixture = new DataRootFixture();
  });
  afterEach(() => {
    fixture.remove();
  });

  it('of a folder of manifests of both versions has their images, with labels and sizes', async () => {
    mkdirSync(fixture.path('catalogs', 'books'));
    const books = [
      manifest2('http://m/2', [['http://a/1.jpg'], []]),
      manifest3('http://m/3', [['http://a/2.jpg']]),
    ];
    for (const [n, book] of books.entries()) fixture.write(`books/${n}.json`, JSON.stringify(book));
    const result = await fixture.parse('catalogs/books', { format: 'iiif', imageSize: '600,' });
    expect(result).toMatchObject({ rows: 3, images: 3, noUrl: 1, rejected: 0 });
    expect(await fixture.rows()).toMatchObject([
      { source_image_id: 'http://m/2/0', thumb_url: 'http://a/1.jpg', manifest_label: 'A' },
      { source_image_id: 'http://m/2/1', thumb_url: null, canvas_number: '2' },
      {
        source_image_id: 'http://m/3/0',
        thumb_url: 'http://a/2.jpg/service/full/600,/0/default.jpg',
        ...{ manifest: 'http://m/3', manifest_label: 'A; B', canvas_label: 'p. 0', width: '9' },
      },
    ]);
  });

  it('of a collection has the manifests in it, and lists those that it only references', async () => {
    const inside = manifest2('http://m/1', [['http://a/1.jpg']]);
    const text = JSON.stringify({
      ...{ '@context': 'http://iiif.io/api/presentation/2/context.json', '@type': 'sc:Collection' },
      manifests: [inside, { '@id': 'http://m/2', label: 'elsewhere' }],
      collections: [{ '@id': 'http://m/c', '@type': 'sc:Collection' }],
      members: [{ '@id': 'http://m/odd', '@type': 'sc:Range' }],
    });
    const result = await fixture.parse(fixture.write('c.json', text), { format: 'iiif' });
    expect(result).toMatchObject({ rows: 4, images: 1, rejected: 3 });
    expect(fixture.rejects()).toMatchObject([
      { code: 'bad_row', detail: 'no IIIF manifest or collection, but "Range"' },
      { code: 'not_fetched', id: 'http://m/c' },
      {
        code: 'not_fetched',
        id: 'http://m/2',
        detail: expect.stringContaining('http://m/2') as string,
      },
    ]);
  });

  it.each([
    ['no JSON', '{"type":', 'is no valid JSON'],
    ['no manifest', '{"id":"x","type":"Person"}', 'but "Person"'],
    ['made of collections in one another', nested(60), 'more than 50 collections in one another'],
  ])('that is %s is refused with the reason', async (_, text, said) => {
    const catalog = fixture.write('x.json', text);
    const error = await stepErrorOf(fixture.parse(catalog, { format: 'iiif' }));
    expect(error.message).toContain(said);
  });
});

function nested(depth: number): string {
  return '{"type":"Collection","items":['.repeat(depth) + ']}'.repeat(depth);
}

test('the commands that fetch manifests name no file, and no second option of curl', () => {
  const urls = ['http://m/1', 'file:///etc/passwd', 'no url', 'http://m/2?a="\n\\output = "/x'];
  const config = curlConfig(['/d/works.json'], urls);
  expect(config.split('\n')).toEqual([
    'url = "http://m/1"',
    'output = "works-manifests/000001.json"',
    expect.stringMatching(/^url = "http:\/\/m\/2\?a=[^"\\ ]*"$/) as string,
    'output = "works-manifests/000004.json"',
    '',
  ]);
  expect(fetchManifestsLine(['/d/a b.json'])).toContain(
    "inspect '/d/a b.json' --format iiif --manifests | curl",
  );
});
