import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { DataRootFixture, query, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

test('NDJSON keeps digits, nested values and columns that come late', async () => {
  const lines = [
    '{"id": 9007199254740993, "url": "http://a/", "size": 1.10}',
    '',
    '{"id":"b","url":null,"tags":[1, {"x":"]}"}],"late":true,"size":""}',
  ];
  const result = await fixture.readText(lines.join('\n') + '\n', { format: 'ndjson' });

  expect(result).toMatchObject({ rows: 2, images: 2, noUrl: 1 });
  expect(await fixture.rows()).toMatchObject([
    { source_image_id: '9007199254740993', record: '1', size: '1.10', tags: null, late: null },
    { source_image_id: 'b', record: '2', tags: '[1, {"x":"]}"}]', late: 'true', size: null },
  ]);
});

test('JSON booleans, arrays, objects, null and lone surrogates are no ids', async () => {
  const ids = ['true', '[1]', '{"a":1}', 'null', '"\\ud800"', '""'];
  const lines = ids.map((id) => `{"id":${id},"url":"http://a/"}`);
  const text = `${lines.join('\n')}\n{"id":"ok","url":"http://a/"}\n`;
  const result = await fixture.readText(text, { format: 'ndjson' });

  expect(result).toMatchObject({ rows: 7, images: 1, rejected: 6 });
  expect(fixture.rejects().map(({ line, code }) => [line, code])).toEqual(
    ids.map((_, index) => [index + 1, 'bad_id']),
  );
});

test('lines of NDJSON that are no objects are rejected', async () => {
  const good = '{"id":"1","url":"http://a/"}';
  const text = `${good}\n{"id":\n[1]\n7\n{"id":"1","id":"2"}\n`;
  expect(await fixture.readText(text, { format: 'ndjson' })).toMatchObject({
    rows: 5,
    rejected: 4,
  });
  expect(fixture.rejects().map(({ line, code }) => [line, code])).toEqual(
    [2, 3, 4, 5].map((line) => [line, 'bad_row']),
  );
});

test.each([
  ['an array', '[\n {"id":1,"url":"http://a/"} ,\n{"id":2,"url":"http://b/"}\n]\n'],
  ['objects one after another', '{"id":1,\n"url":"http://a/"}\n\n{"id":2,"url":"http://b/"}'],
  ['objects on one line', '{"id":1,"url":"http://a/"}{"id":2,"url":"http://b/"}'],
  ['arrays one after another', '[{"id":1,"url":"http://a/"}]\n[{"id":2,"url":"http://b/"}]\n[]'],
  [
    'an array with a comma behind its last object',
    '[{"id":1,"url":"http://a/"},{"id":2,"url":"http://b/"},\n]',
  ],
  [
    'objects with commas behind their last members',
    '[{"id":1,"url":"http://a/",},{"id":2,"url":"http://b/","x":[1,],}]',
  ],
  [
    'objects of two files with byte order marks',
    '\uFEFF{"id":1,"url":"http://a/"}\n\uFEFF{"id":2,"url":"http://b/"}',
  ],
])('JSON may be %s', async (_, text) => {
  expect(await fixture.readText(text, { format: 'json' })).toMatchObject({ rows: 2, images: 2 });
});

test('a line of NDJSON may begin with a byte order mark, or have a comma behind it', async () => {
  const lines = [
    '{"id":"1","url":"http://a/1,"},',
    '\uFEFF{"id":"2","url":"http://a/2"},  ',
    '{"id":"3"},,',
  ];
  const result = await fixture.readText(lines.join('\n'), { format: 'ndjson' });
  expect(result).toMatchObject({ rows: 3, images: 2, rejected: 1 });
  expect(await fixture.images()).toEqual([
    ['1', 'http://a/1,'],
    ['2', 'http://a/2'],
  ]);
});

test.each([
  ['with two commas behind an object', '[{"id":1,"url":"http://a/"},,]'],
  ['with a comma alone', '[,]'],
  ['cut after a comma', '[{"id":1,"url":"http://a/"},'],
  ['cut in an object', '[{"id":1,"url":"http://a/"},{"id":2,"ur'],
  ['cut after an object', '[{"id":1,"url":"http://a/"}'],
  ['with text behind it', '[{"id":1,"url":"http://a/"}] x'],
  ['without commas', '[{"id":1,"url":"http://a/"} {"id":2}]'],
  ['broken inside', '[{"id":1,"url":"http://a/"},{"id" 2}]'],
])('JSON %s is catalog_format with its line', async (_, text) => {
  const error = await stepErrorOf(fixture.readText(text, { format: 'json' }));
  expect(error.code).toBe('catalog_format');
  expect(error.message).toContain('line 1');
});

test('a JSON catalog that is HTML is refused as catalog_format, and called a web page', async () => {
  const html = '<!doctype html><html></html>';
  const error = await stepErrorOf(fixture.readText(html, { format: 'json' }));
  expect(error.code).toBe('catalog_format');
  expect(error.message).toContain('is a web page (HTML)');
});

test('JSON without the columns of the input is refused with the names that it has, and an empty array as empty', async () => {
  const nested = await stepErrorOf(fixture.readText('{"images":[{"id":1}]}', { format: 'json' }));
  expect(nested.code).toBe('catalog_columns');
  expect(nested.message).toContain('Found: "images"');

  expect(await stepErrorOf(fixture.readText('[]', { format: 'json' }))).toMatchObject({
    code: 'catalog_empty',
  });
});

test('JSON with other columns in each row does not fill the memory', async () => {
  const lines = Array.from({ length: 3_000 }, (_, n) => `{"id":"${n}","url":"u","k${n}":1}`);
  const error = await stepErrorOf(fixture.readText(lines.join('\n'), { format: 'ndjson' }));
  expect(error.code).toBe('catalog_columns');
  expect(error.message).toContain('more than 2000 columns');
});

test('Parquet is read as text, plain or gzip, whatever characters its name has', async () => {
  const file = fixture.path('catalogs', 'we?ird [x]*.parquet');
  await query(
    `COPY (SELECT * FROM (VALUES (9007199254740993, 'http://a/', [1, 2], 'x'::BLOB), (NULL, 'http://b/', NULL, NULL)) t(id, url, list, bytes))
     TO '${file}' (FORMAT parquet)`,
  );
  const result = await fixture.parse('catalogs/we?ird [x]*.parquet', { format: 'parquet' });

  expect(result).toMatchObject({ rows: 2, images: 1, rejected: 1 });
  expect(await fixture.rows()).toMatchObject([
    { source_image_id: '9007199254740993', thumb_url: 'http://a/', list: '[1,2]', bytes: 'x' },
  ]);
  expect(fixture.rejects()).toMatchObject([{ record: 2, line: null, code: 'bad_id' }]);

  const packed = fixture.write('packed.parquet.gz', gzipSync(readFileSync(file)));
  expect(await fixture.parse(packed, { format: 'parquet' })).toMatchObject({ images: 1 });
});

test('a boolean id column of Parquet holds no ids', async () => {
  const file = fixture.path('catalogs', 'b.parquet');
  await query(`COPY (SELECT true AS id, 'http://a/' AS url) TO '${file}' (FORMAT parquet)`);
  const error = await stepErrorOf(fixture.parse('catalogs/b.parquet', { format: 'parquet' }));
  expect(error.code).toBe('catalog_empty');
});

test('a Parquet catalog that is another file, or cut short, is refused without a crash', async () => {
  const html = await stepErrorOf(
    fixture.parse(fixture.write('x.parquet', '<html></html>'), { format: 'parquet' }),
  );
  expect(html).toMatchObject({ code: 'catalog_format' });

  const file = fixture.path('catalogs', 'whole.parquet');
  await query(`COPY (SELECT 'a' AS id, 'u' AS url FROM range(1000)) TO '${file}' (FORMAT parquet)`);
  const cut = fixture.write('cut.parquet', readFileSync(file).subarray(0, -20));
  expect(await stepErrorOf(fixture.parse(cut, { format: 'parquet' }))).toMatchObject({
    code: 'catalog_format',
  });
});

test('Parquet files and archives that are given as CSV are recognised by their first bytes', async () => {
  const error = await stepErrorOf(fixture.readText('PAR1....'));
  expect(error.code).toBe('catalog_format');
  expect(error.message).toContain('set `format` to parquet');
});
