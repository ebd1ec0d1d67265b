/** Records under a key of a JSON file, however the file comes in pieces. */
import fc from 'fast-check';
import { JsonRecordsSplitter } from '../../../src/catalog/json/json-records-splitter';
import { TextWindow } from '../../../src/catalog/text/text-window';
import { DataRootFixture, hash, stepErrorOf } from '../data-root-fixture';

/** Texts of the records when the text comes in pieces of `size` characters. */
function split(text: string, records: string, size: number): readonly string[] {
  const splitter = new JsonRecordsSplitter('x.json', records);
  const window = new TextWindow();
  const found: string[] = [];
  for (let at = 0; at < text.length; at += size) {
    window.append({ text: text.slice(at, at + size), bad: [] });
    window.complete = at + size >= text.length;
    for (const piece of splitter.read(window)) found.push(piece.text);
  }
  return found;
}

test('records come out whole whatever stands beside them, and wherever the text is cut', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const beside = fc.dictionary(fc.string(), value, { maxKeys: 4 });
  fc.assert(
    fc.property(
      ...[beside, beside, fc.array(beside, { maxLength: 4 }), fc.nat(8), fc.boolean()],
      (before, after, records, size, isSpaced) => {
        const inner = { ...before, items: records, ...after };
        const document = {
          ...after,
          data: { ...inner, items: records },
          ...without(before, 'data'),
        };
        const text = JSON.stringify(document, null, isSpaced ? 2 : 0);
        const pieces = split(text, 'data.items', size + 1).map(
          (piece) => JSON.parse(piece) as unknown,
        );
        expect(pieces).toEqual(JSON.parse(JSON.stringify(records)));
      },
    ),
  );
});

function without(record: Readonly<Record<string, unknown>>, name: string): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

test('what stands beside the records may be larger than a record may be', () => {
  const large = JSON.stringify({ text: 'x"\\'.repeat(3_000_000), list: [1] });
  const text = `{"annotations":${large},"images":[{"a":1},{"a":2}],"more":${large}}`;
  expect(split(text, 'images', 1 << 20)).toEqual(['{"a":1}', '{"a":2}']);
});

describe('a JSON catalog with its records under a key', () => {
  let fixture: DataRootFixture;
  beforeEach(() => {
    fixture = new DataRootFixture();
  });
  afterEach(() => {
    fixture.remove();
  });

  it('has them in a list, with their lines', async () => {
    const text = `{"type":"FeatureCollection",\n"features":[\n{"properties":{"id":7,"photo":"http://a/"}},\n5]}`;
    const result = await fixture.readText(text, {
      ...{ format: 'json', records: 'features' },
      columns: { id: 'properties.id', url: 'properties.photo' },
    });
    expect(result).toMatchObject({ rows: 2, images: 1, rejected: 1 });
    expect(await fixture.rows()).toMatchObject([{ source_image_id: '7', thumb_url: 'http://a/' }]);
    expect(fixture.rejects()).toMatchObject([{ record: 2, line: 4, code: 'bad_row' }]);
  });

  it('has them in an object, whose names are the column key', async () => {
    const text = '{"works":{"w1":{"url":"http://a/"},"w2":{"url":"http://b/","key":"own"}}}';
    const columns = { id: 'key', url: 'url' };
    await fixture.readText(text, { format: 'json', records: 'works', columns });
    expect((await fixture.rows()).map((row) => row.source_image_id)).toEqual(['w1', 'own']);
  });

  it('has them in the object that the file is, as objects, URLs or lists of URLs', async () => {
    const text = `{"w1":{"url":"http://a/"},\n"w2":"http://b/","w3":["http://c/","http://d/"],"w4":null}`;
    const columns = { id: 'key', url: ['url', 'value'] };
    const shape = { format: 'json', records: '.', columns, many: true } as const;
    expect(await fixture.readText(text, shape)).toMatchObject({ rows: 5, images: 5, noUrl: 1 });
    expect(await fixture.images()).toEqual([
      [`w1#${hash('http://a/')}`, 'http://a/'],
      [`w2#${hash('http://b/')}`, 'http://b/'],
      [`w3#${hash('http://c/')}`, 'http://c/'],
      [`w3#${hash('http://d/')}`, 'http://d/'],
      ['w4', null],
    ]);
  });

  it('of which one is the file is named with the option where the input has none', async () => {
    const text = '{"w1":{"url":"http://a/"},"w2":{"url":"http://b/"}}';
    const error = await stepErrorOf(fixture.readText(text, { format: 'json' }));
    expect(error.code).toBe('catalog_columns');
    expect(error.message).toContain('--records .');
  });

  it.each([
    [
      'under another key',
      '{"a":{"x":1},"images":[]}',
      'rows',
      /there is no "rows" among "a", "images"/,
    ],
    ['deeper than it says', '{"a":{"x":[]}}', 'a.y', /there is no "y" among "x"/],
    ['where a text is', '{"images":"none"}', 'images', /"images" is no list or object/],
    [
      'cut short',
      '{"images":[{"id":1,"url":"http://a/"},{"id',
      'images',
      /cut short after record 1/,
    ],
    ['cut short before them', '{"info":{"a":', 'images', /cut short after record 0/],
    ['in a list', '[{"images":[]}]', 'images', /the file is no object/],
  ])('is refused with what to do where they are %s', async (_, text, records, said) => {
    const error = await stepErrorOf(fixture.readText(text, { format: 'json', records }));
    expect(error.code).toBe('catalog_format');
    expect(error.message).toMatch(said);
    expect(error.message).toContain('--records');
  });

  it('is named with the option where the input has none', async () => {
    const text = '{"info":{},"images":[{"id":1,"url":"http://a/"}],"tags":["a"]}';
    const error = await stepErrorOf(fixture.readText(text, { format: 'json' }));
    expect(error.code).toBe('catalog_columns');
    expect(error.message).toContain('--records images.');
  });
});
