/** Records that are JSON arrays, and lines of NDJSON that are no records. */
import path from 'node:path';
import { checkCatalog } from '../../../src/catalog/inspect/inspect-catalog';
import { inspectSample } from '../../../src/catalog/inspect/inspect-sample';
import { DataRootFixture, database, resolvedInput, stepErrorOf } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const format = 'ndjson';
const HEADER = '["id","url","size"]';

const options = (catalog: string) => ({
  files: [{ file: path.resolve(fixture.root, catalog), name: catalog }],
  name: catalog,
  database,
});

it('JSON arrays below an array with the names of the columns are rows', async () => {
  const lines = [
    HEADER,
    ' ["a","http://a/1",1.10]',
    '["b","http://a/2"]',
    '{"url":"http://a/3","id":"c","more":true}',
    HEADER,
    '[["d"],"http://a/4",null]',
    '["e",["http://a/5"],9007199254740993]',
  ];
  const result = await fixture.readText(`${lines.join('\n')}\n`, { format });
  expect(result).toMatchObject({ rows: 5, images: 3, rejected: 2 });
  expect(await fixture.rows()).toMatchObject([
    { source_image_id: 'a', record: '1', thumb_url: 'http://a/1', size: '1.10', more: null },
    { source_image_id: 'c', record: '3', thumb_url: 'http://a/3', size: null, more: 'true' },
    { source_image_id: 'e', record: '5', thumb_url: 'http://a/5', size: '9007199254740993' },
  ]);
  expect(fixture.rejects()).toMatchObject([
    { line: 3, code: 'bad_row', detail: 'an array of 2 where the header has 3' },
    { line: 6, code: 'bad_id', detail: 'the id is a boolean, array or object' },
  ]);
});

it('the columns of JSON arrays without a header are named by numbers', async () => {
  const text = '["http://a/1","a"]\n["http://a/2","b"]\n["http://a/3"]\n';
  const columns = { id: '2', url: '1' };
  const result = await fixture.readText(text, { format, header: false, columns });
  expect(result).toMatchObject({ rows: 3, images: 2, rejected: 1 });
  expect(await fixture.images()).toEqual([
    ['a', 'http://a/1'],
    ['b', 'http://a/2'],
  ]);
  expect(fixture.rejects()).toMatchObject([
    { line: 3, detail: 'an array of 1 where the first array has 2' },
  ]);
});

it.each([
  ['with a header', '[["id","url"],["a","http://a/1"]]', {}],
  ['without one', '[["a","http://a/1"]]', { header: false, columns: { id: '1', url: '2' } }],
])('one JSON array may hold arrays %s', async (_, text, input) => {
  expect(await fixture.readText(text, { format: 'json', ...input })).toMatchObject({ rows: 1 });
  expect(await fixture.images()).toEqual([['a', 'http://a/1']]);
});

it.each([
  ['rows', '["a","http://a/1"]\n["b","http://a/2"]', '--no-header --id-column 1 --url-column 2'],
  ['a header with other names', '["key","image"]\n["b","http://a/2"]', '["key","image"]'],
  ['one array of objects', '[{"id":"1","url":"http://a/"}]', '--format json'],
])('a catalog of nothing but %s is refused with what to add', async (_, text, hint) => {
  const ofStep = await stepErrorOf(fixture.readText(text, { format }));
  expect(ofStep).toMatchObject({ code: 'catalog_columns' });
  expect(ofStep.message).toContain(hint);
  const catalog = fixture.write('x.ndjson', text);
  const input = { ...resolvedInput(catalog), format } as const;
  const before = await stepErrorOf(checkCatalog(options(catalog), input));
  expect(before.message).toContain(hint);
});

it('a last line of NDJSON that is cut off is rejected, and all other lines are read', async () => {
  const good = '{"id":"1","url":"http://a/"}';
  const result = await fixture.readText(`${good}\n{"id":"2","u`, { format });
  expect(result).toMatchObject({ rows: 2, images: 1, rejected: 1 });
  const [reject] = fixture.rejects();
  expect(reject).toMatchObject({ line: 2, code: 'bad_row' });
  expect(reject?.detail).toMatch(/^not valid JSON .*: the file may be cut short here$/);
});

it.each([
  [`${HEADER}\n["a","http://a/1.jpg",1]\n`, { columns: { url: ['url'] } }, 1],
  ['["a-1","http://a/1.jpg"]\n["a-2","http://a/2.jpg"]\n', { header: false }, 2],
  ['[7,"1.jpg"]\n[8,"2.jpg"]\n', { header: false, needsBase: true }, 2],
])('an inspection proposes how arrays are read: %j', async (text, proposal, urls) => {
  const catalog = fixture.write('without-extension', text);
  const found = await inspectSample({ kind: 'inspect', ...options(catalog), format: null });
  expect(found).toMatchObject({ format, proposal, urls, taken: urls });
});
