/** Dialects of CSV and TSV that the content shows, and headers that are not in the first line. */
import fc from 'fast-check';
import { chooseLayout, isEnoughToChoose } from '../../../src/catalog/csv/choose-dialect';
import { widthOfHeader } from '../../../src/catalog/csv/row-width';
import { CsvReader } from '../../../src/catalog/csv/csv-reader';
import { readText } from '../../../src/catalog/text/text-window';
import { parseJob } from '../../../src/processes/process-messages';
import { DataRootFixture, resolvedInput, stepErrorOf } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const [ONE, TWO] = ['http://a/1,x;y.jpg', 'http://a/2|z.jpg'];

describe('the delimiter', () => {
  it.each([
    ['csv', ';'],
    ['csv', '\t'],
    ['tsv', ','],
    ['txt', '|'],
  ] as const)(
    'of a %s file is found by the columns that are asked for: %j',
    async (format, mark) => {
      const row = (...cells: readonly string[]): string => `${cells.join(mark)}\n`;
      const quoted = [ONE, TWO].map((url) => `"${url}"`);
      const text =
        row('title', 'id', 'url') + row('a', '1', quoted[0] ?? '') + row('b', '2', quoted[1] ?? '');
      expect(await fixture.readText(text, { format })).toMatchObject({ rows: 2, images: 2 });
      expect(await fixture.images()).toEqual([
        ['1', ONE],
        ['2', TWO],
      ]);
    },
  );

  it('of the format stays where the columns are there, whatever else the rows hold', async () => {
    await fixture.readText(`id,url;x;y\n1,${ONE.slice(0, 10)};b;c\n`, {
      columns: { id: 'id', url: 'url;x;y' },
    });
    expect(await fixture.images()).toEqual([['1', 'http://a/1;b;c']]);
  });

  it('is found without names too, by rows of one width', async () => {
    const input = { header: false, columns: { id: '1', url: '2' } };
    await fixture.readText('1;http://a/1\n2;http://a/2\n', input);
    expect(await fixture.images()).toEqual([
      ['1', 'http://a/1'],
      ['2', 'http://a/2'],
    ]);
  });

  it('is not searched for where the input names it', async () => {
    const error = await stepErrorOf(fixture.readText('id;url\n1;2\n', { delimiter: ',' }));
    expect(error).toMatchObject({ code: 'catalog_columns' });
  });

  it.each(['sep=|\r\n', '"sep=|"\n', 'SEP=|\n'])('is named by the first line %j', async (line) => {
    await fixture.readText(`${line}id|url|a,b\n1|${ONE}|x,y\n,|,|\n`);
    expect(await fixture.rows()).toMatchObject([
      { source_image_id: '1', thumb_url: ONE, 'a,b': 'x,y' },
      { source_image_id: ',' },
    ]);
  });
});

describe('a header that is not in the first line', () => {
  it('is found below titles, and lines are counted through them', async () => {
    const text = `Export of the collection, 2024\n\n"Rights, and\nso on",,\n id ,title,url\n1,a,${TWO}\n,b,\n`;
    expect(await fixture.readText(text)).toMatchObject({ rows: 2, images: 1, rejected: 1 });
    expect(await fixture.images()).toEqual([['1', TWO]]);
    expect(fixture.rejects()).toMatchObject([{ record: 2, line: 7, code: 'bad_id' }]);
  });

  it('stands again inside files that were put one behind another', async () => {
    const part = (id: string): string => `id,url\n${id},http://a/${id}\n`;
    expect(await fixture.readText(part('1') + part('2') + part('3'))).toMatchObject({
      rows: 3,
      images: 3,
    });
  });

  it('and without a header every row is a record, also one that stands twice', async () => {
    const input = { header: false, columns: { id: '1', url: '2' }, idFrom: 'record' } as const;
    const result = await fixture.readText('a,http://a/\na,http://a/\n', input);
    expect(result).toMatchObject({ rows: 2, images: 2 });
  });
});

describe('a line of dashes below the header', () => {
  it.each([
    ['|', ' id | url \n----|:--:\n', 1],
    ['|', '|id|url|\n|--:|---|\n', 1],
    // A row that stands further below, or has more than dashes, is a record.
    ['|', 'id|url\n--|--\n--|--\n', 2],
    ['|', 'id|url\n--|\n', 1],
    [',', 'id,url\n-,--\n', 2],
  ] as const)('is no record: %j %j', async (mark, head, images) => {
    const edge = head.startsWith('|') ? '|' : '';
    const text = `${head}${edge}7${mark}http://a/${edge}\n`;
    const result = await fixture.readText(text, { delimiter: mark });
    expect(result.images).toBe(images);
    expect((await fixture.images()).at(-1)).toEqual(['7', 'http://a/']);
  });
});

describe('a column without a name', () => {
  it('is asked for by its number', async () => {
    const columns = { id: 'column_1', url: 'column_3' };
    await fixture.readText(',title,\n7,a,http://a/\n8,b,\n', { columns });
    expect(await fixture.rows()).toMatchObject([
      { source_image_id: '7', thumb_url: 'http://a/', column_1: '7', title: 'a' },
      { source_image_id: '8', thumb_url: null },
    ]);
  });
});

describe('rows that begin with a name for which the header has no field', () => {
  const input = { columns: { id: 'id', url: 'url' } };
  it.each([
    ['are read without it', ['1,a,http://a/1,x', '2,b,http://a/2,x'], ['a', 'b'], 0],
    ['may be called anything', ['kite,a,http://a/1,x', 'wren,b,http://a/2,x'], ['a', 'b'], 0],
    ['have no further field', ['1,a,http://a/1,x', '2,b,http://a/2,x', '3,c,u,x,y'], ['a', 'b'], 1],
    [
      'are not shown by a comma in the first of them',
      ['1,http://a/1,x,y', 'b,http://a/2,x'],
      ['b'],
      1,
    ],
    [
      'are not shown by a delimiter behind each row',
      ['a,http://a/1,x,', 'b,http://a/2,x,'],
      ['a', 'b'],
      0,
    ],
  ])('%s', async (_, lines, ids, rejected) => {
    const result = await fixture.readText(`id,url,title\n${lines.join('\n')}\n`, input);
    expect(result).toMatchObject({ images: ids.length, rejected, rows: lines.length });
    expect((await fixture.images()).map(([id]) => id)).toEqual(ids);
  });
});

describe('the encoding', () => {
  it.each([
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
    ['utf-16be', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    ['utf-8', (text: string) => Buffer.from(text)],
  ])('is that of the byte order mark: %s', async (_, encode) => {
    const text = '\uFEFFid,url,t\n1,http://a/,\u00e9\u{1F600}\n';
    await fixture.readText(encode(text), { encoding: 'windows-1252' });
    expect(await fixture.rows()).toMatchObject([{ source_image_id: '1', t: '\u00e9\u{1F600}' }]);
  });

  it.each(['windows-1252', 'latin1', 'iso-8859-1'])(
    'has quotation marks, dashes and the euro sign where it is %s',
    async (encoding) => {
      const head = Buffer.from('id,url,t\n');
      const row = Buffer.from('\x93a\x94,http://a/,\x80 5 \x96 6\x85 \xe9\n', 'latin1');
      await fixture.readText(Buffer.concat([head, row]), { encoding });
      expect(await fixture.rows()).toMatchObject([
        { source_image_id: '\u201ca\u201d', t: '\u20ac 5 \u2013 6\u2026 \u00e9' },
      ]);
    },
  );
});

const dialects = [
  { format: 'csv', mark: ',' },
  { format: 'csv', mark: ';' },
  { format: 'csv', mark: '\t' },
  { format: 'csv', mark: '|' },
  { format: 'tsv', mark: '\t' },
] as const;
const lineEnds = ['\n', '\r\n', '\r'] as const;
const encodings = [
  (text: string) => Buffer.from(text),
  (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
];

/** Cells with all that a dialect may stumble over. */
const cell = fc
  .array(fc.constantFrom('a', 'é', '日', '"', ',', ';', '|', '\t', '\n', '\\', ' ', "'", '0'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

/** The rows of a file, as the reader of a run cuts them. */
async function rowsOf(
  bytes: Buffer,
  format: 'csv' | 'tsv',
): Promise<readonly (readonly string[])[]> {
  const file = fixture.path(fixture.write('table', bytes));
  const job = parseJob.parse({
    ...{ ...resolvedInput('table'), format },
    ...{ name: 'table', files: [], database: { memory: '1GB', threads: 1 } },
  });
  const isHeader = (fields: readonly string[]): boolean => fields.includes('url');
  const rows: (readonly string[])[] = [];
  let reader: CsvReader | null = null;
  for await (const window of readText({ file, name: 'table', encoding: 'utf-8' })) {
    if (!isEnoughToChoose(window)) continue;
    reader ??= new CsvReader(chooseLayout(window, job, isHeader).dialect, 'table');
    for (const { fields, problem } of reader.read(window)) {
      reader.width ??= widthOfHeader(fields);
      expect(problem).toBeNull();
      rows.push(fields);
    }
  }
  return rows;
}

test('a table that is written in any dialect comes back cell by cell', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...dialects),
      fc.constantFrom(...lineEnds),
      fc.constantFrom(...encodings),
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      async ({ format, mark }, lineEnd, encode, table) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const rows = table.map(([a, b], n) => [`i${n}`, a, `http://a/${n}`, b]);
        const all = [['id', 'x', 'url', 'y'], ...rows];
        const lines = all.map((row) => row.map(quoted).join(mark));
        const bytes = encode(lines.join(lineEnd) + lineEnd);
        expect(await rowsOf(bytes, format)).toEqual(all);
      },
    ),
    { numRuns: 300 },
  );
});
