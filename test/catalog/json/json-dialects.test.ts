/** JSON as Python and MongoDB write it, and ids that data frames made decimal. */
import { standardJson } from '../../../src/catalog/json/lenient-json';
import { DataRootFixture } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

it('in JSON, NaN is no value and Infinity is a text, and strings that contain these words are unchanged', async () => {
  const text = `[{"id":1,"url":"http://a/NaN","w":NaN,"h":-Infinity,"more":[NaN, "say \\"NaN\\"", Infinity]},
{"id":NaN,"url":"http://a/2"}]`;
  const result = await fixture.readText(text, { format: 'json' });
  expect(result).toMatchObject({ rows: 2, images: 1, rejected: 1 });
  expect(await fixture.rows()).toMatchObject([
    {
      ...{ thumb_url: 'http://a/NaN', w: null, h: '-Infinity' },
      more: '[null, "say \\"NaN\\"", "Infinity"]',
    },
  ]);
  expect(fixture.rejects()).toMatchObject([{ record: 2, detail: 'the id is empty' }]);
});

it('a JSON string of two megabytes that does not end is searched once', () => {
  const text = `{"a":"${'\\"'.repeat(1_000_000)}`;
  expect(standardJson(text)).toBe(text);
});

it('an id that MongoDB wrote as an object is read as its value, by its column or by a path', async () => {
  const lines = [
    '{"_id":{"$oid":"507f1f77bcf86cd799439011"},"url":"http://a/1"}',
    '{"_id": { "$numberLong" : "12" },"url":"http://a/2"}',
    '{"_id":{"$oid":"x","y":1},"url":"http://a/3"}',
  ].join('\n');
  const input = { format: 'ndjson', columns: { id: '_id', url: 'url' } } as const;
  expect(await fixture.readText(lines, input)).toMatchObject({ images: 2, rejected: 1 });
  expect((await fixture.rows()).map((row) => [row.source_image_id, row._id])).toEqual([
    ['507f1f77bcf86cd799439011', '{"$oid":"507f1f77bcf86cd799439011"}'],
    ['12', '{ "$numberLong" : "12" }'],
  ]);

  await fixture.readText(lines, { ...input, columns: { id: '_id.$oid', url: 'url' } });
  expect((await fixture.images()).map(([id]) => id)).toEqual(['507f1f77bcf86cd799439011', 'x']);
});

it('ids of JSON keep their text, unless the input says that they are whole numbers', async () => {
  const text = 'a,b,url\n12.0,x,http://a/1\n1.50,x.0,http://a/2\n-3.00,,http://a/3\n';
  const ids = async (input: object): Promise<readonly unknown[]> => {
    await fixture.readText(text, { columns: { id: 'a', url: 'url' }, ...input });
    return (await fixture.images()).map(([id]) => id);
  };
  expect(await ids({})).toEqual(['12.0', '1.50', '-3.00']);
  expect(await ids({ integerIds: true })).toEqual(['12', '1.50', '-3']);
  const columns = { id: ['a', 'b'], url: 'url' };
  expect(await ids({ columns, integerIds: true })).toEqual(['12|x', '1.50|x.0', '-3|']);
});
