import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DataRootFixture, query, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

test('the Tate catalog is read whole: 69,202 rows, 10,786 without a URL', async () => {
  const result = await fixture.parse(fixture.copyTate(), {
    columns: { id: 'id', url: 'thumbnailUrl' },
  });

  expect(result).toMatchObject({
    parquet: 'runs/run-1/catalog.parquet',
    rejects: 'runs/run-1/rejects.ndjson',
    rows: 69_202,
    images: 69_202,
    noUrl: 10_786,
    rejected: 0,
    duplicates: 0,
    catalog: {
      path: 'catalogs/tate.csv.gz',
      bytes: 3_270_772,
      sha256: '3cc98cd0082ddc125e53944162950655492bce23308ddb6be10ae1db7b3ab0b8',
    },
  });
  const parquet = fixture.path('runs', 'run-1', 'catalog.parquet');
  expect(
    await query(`SELECT count(*)::INTEGER AS n, count(*) FILTER (title LIKE E'%\\n%' OR inscription LIKE E'%\\n%')::INTEGER AS multi,
      min(record)::INTEGER AS first, max(record)::INTEGER AS last, count(DISTINCT record)::INTEGER AS records FROM read_parquet('${parquet}')`),
  ).toEqual([
    { n: 69_202, multi: expect.any(Number) as number, first: 1, last: 69_202, records: 69_202 },
  ]);
  expect(readdirSync(fixture.path('tmp'))).toEqual([]);
});

test('columns keep their names and text; ours win over columns of the same name', async () => {
  await fixture.readText('id,url,Record,date,empty,quoted\n007, http://a/x ,r,1894.10,,""\n', {});

  expect(await fixture.rows()).toEqual([
    {
      source_image_id: '007',
      record: '1',
      thumb_url: 'http://a/x',
      id: '007',
      url: ' http://a/x ',
      catalog_Record: 'r',
      date: '1894.10',
      empty: null,
      quoted: null,
    },
  ]);
});

test('ids that look like numbers, dates, booleans or NULL stay as they are written', async () => {
  const ids = ['00042', '1e5', '2024-01-01', 'true', 'NULL', ' padded ', '12345678901234567890123'];
  await fixture.readText(`id,url\n${ids.map((id) => `${id},http://a/`).join('\n')}\n`);

  expect((await fixture.rows()).map((row) => row.source_image_id)).toEqual(ids);
});

test.each([
  ['a byte order mark', '\uFEFFid,url\n1,http://a/\n'],
  ['CRLF', 'id,url\r\n1,http://a/\r\n'],
  ['lone CR', 'id,url\r1,http://a/\r'],
  ['no last line end', 'id,url\n1,http://a/'],
  ['blank lines', '\nid,url\n\n  \n1,http://a/\n\n'],
  ['a header with spaces and quotes', ' id ,"url"\n1,http://a/\n'],
  ['mixed line ends', 'id,url\r\n1,http://a/\n'],
])('%s changes nothing', async (_, text) => {
  expect(await fixture.readText(text)).toMatchObject({ rows: 1, images: 1, rejected: 0 });
  expect(await fixture.rows()).toMatchObject([{ source_image_id: '1', thumb_url: 'http://a/' }]);
});

test('line ends and quotes inside quoted fields are kept, and lines are counted through them', async () => {
  const text = 'id,url,t\n1,http://a/,"x\r\ny ""z"", \nw"\n,http://b/,bad\n';
  await fixture.readText(text);

  expect(await fixture.rows()).toMatchObject([{ t: 'x\r\ny "z", \nw' }]);
  expect(fixture.rejects()).toMatchObject([{ record: 2, line: 5, id: null, code: 'bad_id' }]);
});

test('rows that do not fit the header are rejected with their line, the others are taken', async () => {
  const text = 'id,url\n1,http://a/\n2\n3,http://c/,more\n4,"http://d/"x\n5,http://e/\n';
  const result = await fixture.readText(text);

  expect(result).toMatchObject({ rows: 5, images: 2, rejected: 3 });
  expect(fixture.rejects()).toMatchObject([
    { record: 2, line: 3, code: 'bad_row', detail: '1 fields where the header has 2' },
    { record: 3, line: 4, code: 'bad_row' },
    { record: 4, line: 5, code: 'bad_row', detail: 'text after a closing quote' },
  ]);
});

test('duplicates collapse, another URL for the same id is a conflict, and a row without a URL wins over none', async () => {
  const rows = [
    'a,http://a/,x',
    'a,http://a/,x',
    'a,http://a/,other title',
    'a,http://b/,x',
    'b,,',
    'b,http://b/,',
    'a,http://b/,x',
    'c,http://c/,',
  ];
  const result = await fixture.readText(`id,url,title\n${rows.join('\n')}\n`);

  expect(result).toMatchObject({ rows: 8, images: 3, noUrl: 0, rejected: 1, duplicates: 4 });
  expect((await fixture.rows()).map((row) => [row.source_image_id, row.record])).toEqual([
    ['a', '1'],
    ['b', '6'],
    ['c', '8'],
  ]);
  expect(fixture.rejects()).toEqual([
    {
      record: 4,
      line: 5,
      id: 'a',
      code: 'duplicate_conflict',
      detail: 'the id has another URL in line 2, which is kept',
    },
  ]);
});

test('ids that are empty, blank, hold NUL or are too long are rejected', async () => {
  const ids = ['', '\u3000', 'a\0b', 'x'.repeat(65_537), 'y'.repeat(65_536)];
  const result = await fixture.readText(`id,url\n${ids.map((id) => `${id},u`).join('\n')}\n`);

  expect(result).toMatchObject({ rows: 5, images: 1, rejected: 4 });
  expect(fixture.rejects().map(({ code }) => code)).toEqual(Array(4).fill('bad_id'));
});

test.each([
  ['missing', 'key,link\n1,2\n', '"key", "link"'],
  ['in another case', 'ID,url\n1,2\n', '"ID", "url"'],
  ['repeated where they are asked for', 'id,url,id\n1,2,3\n', '2 columns are called "id"'],
])(
  'column names that are %s are refused with what was expected and found',
  async (_, text, said) => {
    const error = await stepErrorOf(fixture.readText(text));

    expect(error.code).toBe('catalog_columns');
    expect(error.message).toContain('Expected: "id", "url"');
    expect(error.message).toContain(said);
  },
);

test.each([
  ['no bytes', ''],
  ['blank lines only', '\n\n \n'],
  ['a header only', 'id,url\n'],
  ['no row that can be taken', 'id,url\n,http://a/\n'],
])('a catalog with %s is catalog_empty', async (_, text) => {
  expect(await stepErrorOf(fixture.readText(text))).toMatchObject({ code: 'catalog_empty' });
});

test('the rejects of a catalog without good rows are kept', async () => {
  await stepErrorOf(fixture.readText('id,url\n,http://a/\n'));

  expect(fixture.rejects()).toMatchObject([{ line: 2, code: 'bad_id' }]);
});

test('gzip is told by content, and gzip that is cut short is refused', async () => {
  const packed = gzipSync('id,url\n1,http://a/\n');

  expect(await fixture.parse(fixture.write('plain.csv', packed))).toMatchObject({ images: 1 });
  const cut = await stepErrorOf(fixture.parse(fixture.write('cut.csv.gz', packed.subarray(0, -9))));
  expect(cut).toMatchObject({ code: 'catalog_format' });
  expect(cut.message).toContain('cut short');
});

test('tabs and other delimiters are read as told', async () => {
  await fixture.readText('id\turl\n1\thttp://a/,b\n', { format: 'tsv' });
  expect(await fixture.rows()).toMatchObject([{ thumb_url: 'http://a/,b' }]);

  await fixture.readText('id;url\n1;http://a/\n', { delimiter: ';' });
  expect(await fixture.rows()).toMatchObject([{ thumb_url: 'http://a/' }]);

  const error = await stepErrorOf(fixture.readText('id,url\n1,2\n', { delimiter: '||' }));
  expect(error.code).toBe('input');
});

test('rows that are not valid in the encoding are rejected, and the right encoding reads them', async () => {
  const latin = Buffer.from('id,url,t\n1,http://a/,caf\u00e9\n2,http://b/,tea\n', 'latin1');
  expect(await fixture.readText(latin)).toMatchObject({ rows: 2, images: 1, rejected: 1 });
  expect(fixture.rejects()).toMatchObject([{ record: 1, line: 2, code: 'bad_encoding' }]);

  await fixture.readText(latin, { encoding: 'windows-1252' });
  expect((await fixture.rows())[0]).toMatchObject({ t: 'caf\u00e9' });

  const wide = Buffer.from('\uFEFFid,url,t\n1,http://a/,\u00e9\u{1F600}\n', 'utf16le');
  await fixture.readText(wide, { encoding: 'utf-16le' });
  expect(await fixture.rows()).toMatchObject([{ t: '\u00e9\u{1F600}' }]);

  const unknown = await stepErrorOf(fixture.readText('id,url\n1,2\n', { encoding: 'klingon' }));
  expect(unknown.code).toBe('input');
});

test('characters and rows that are cut by a chunk come out whole', async () => {
  const title = 'a\u00e9\u20ac\u{1F600}"",\r\n'.repeat(100_000);
  const text = `id,url,t\n1,http://a/,"${title}"\n2,http://b/,end\n`;
  expect(await fixture.readText(text)).toMatchObject({ rows: 2, images: 2 });

  const [first] = await fixture.rows();
  expect(first?.t === title.replaceAll('""', '"')).toBe(true);
});

test('rows that are not taken are counted by code, with the first of each', async () => {
  const rows = [
    'a,http://a/',
    ' ,http://b/',
    'c,http://c/,d',
    ' ,http://d/',
    'a,http://e/',
    '"x"y,',
  ];
  const result = await fixture.readText(`id,url\n${rows.join('\n')}\n`);

  expect(result).toMatchObject({ rows: 6, images: 1, rejected: 5, duplicates: 0 });
  expect(result.rejectGroups).toMatchObject([
    { code: 'bad_id', rows: 2, record: 2, line: 3, id: ' ' },
    { code: 'bad_row', rows: 2, record: 3, line: 4, id: null },
    { code: 'duplicate_conflict', rows: 1, record: 5, line: 6, id: 'a' },
  ]);
});
