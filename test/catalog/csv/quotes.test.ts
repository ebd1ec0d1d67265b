/**
 * Quotes in CSV and TSV catalogs: no quote costs another row its cells, and the dialect is found by
 * the content.
 */
import { widthOfHeader } from '../../../src/catalog/csv/row-width';
import { CsvReader, type CsvRow } from '../../../src/catalog/csv/csv-reader';
import { TextWindow } from '../../../src/catalog/text/text-window';
import { DataRootFixture, stepErrorOf } from '../data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

type Cells = readonly (string | null)[];

/** Each row's cells in the catalog's own columns `id`, `title`, `url`. */
async function cells(text: string, input: object = {}): Promise<readonly Cells[]> {
  await fixture.readText(text, input);
  const rows = await fixture.rows();
  return rows.map((row) => [row.id, row.title, row.url] as Cells);
}

const tsv = (...rows: readonly Cells[]): string =>
  [['id', 'title', 'url'], ...rows].map((row) => `${row.join('\t')}\n`).join('');

describe('TSV without quoting', () => {
  it.each<[string, readonly Cells[]]>([
    [
      'a title that begins with a quote, and a later one that ends with one',
      [
        ['1', 'plain', 'http://a/1'],
        ['2', '"Red beetle', 'http://a/2'],
        ['3', 'tall 6"', 'http://a/3'],
        ['4', 'plain', 'http://a/4'],
      ],
    ],
    [
      'a quote that no other one closes',
      [
        ['1', 'plain', 'http://a/1'],
        ['2', '"Red beetle', 'http://a/2'],
        ['3', 'plain', 'http://a/3'],
      ],
    ],
    [
      'text after a closing quote, and a quote that another row closes',
      [
        ['1', '"Red" beetle', 'http://a/1'],
        ['2', '"6', 'http://a/2'],
        ['3', 'plain', 'http://a/3'],
        ['4', 'x"y', 'http://a/4'],
      ],
    ],
    [
      'titles in quotes',
      [
        ['1', '"Sunset"', 'http://a/1'],
        ['2', 'plain', 'http://a/2'],
      ],
    ],
  ])('keeps every row and its own cells: %s', async (_, rows) => {
    expect(await cells(tsv(...rows), { format: 'tsv' })).toEqual(rows);
    expect(fixture.rejects()).toEqual([]);
  });
});

describe('TSV that a program has quoted is read with its quotes', () => {
  it.each<[string, string, string]>([
    ['a quote inside a field is written twice', '"a ""b"""', 'a "b"'],
    ['a tab inside a field', '"a\tb"', 'a\tb'],
    ['a line end inside a field', '"a\nb"', 'a\nb'],
    ['a quote inside a field has a backslash, and the field a tab', '"a \\"b\\"\tc"', 'a "b"\tc'],
  ])('%s', async (_, written, meant) => {
    const text = tsv(['1', 'plain', 'http://a/1'], ['2', written, 'http://a/2']);
    expect(await cells(text, { format: 'tsv' })).toEqual([
      ['1', 'plain', 'http://a/1'],
      ['2', meant, 'http://a/2'],
    ]);
  });

  it('every field, the header too', async () => {
    const text = '"id"\t"title"\t"url"\n"1"\t"Sunset"\t"http://a/1"\n';
    expect(await cells(text, { format: 'tsv' })).toEqual([['1', 'Sunset', 'http://a/1']]);
  });
});

describe('CSV', () => {
  const HEADER = 'id,title,url\n';

  it.each<[string, string, readonly Cells[], readonly object[]]>([
    [
      'a quote that is never closed costs its own line',
      '1,a,http://a/1\n2,"b,http://a/2\n3,c,http://a/3\n4,d,http://a/4\n',
      [
        ['1', 'a', 'http://a/1'],
        ['3', 'c', 'http://a/3'],
        ['4', 'd', 'http://a/4'],
      ],
      [{ record: 2, line: 3, code: 'bad_row', detail: 'a quote is opened and never closed' }],
    ],
    [
      'a quote that a later row closes costs its own line',
      '1,"a,http://a/1\n2,"b",http://a/2\n3,"c, d",http://a/3\n',
      [
        ['2', 'b', 'http://a/2'],
        ['3', 'c, d', 'http://a/3'],
      ],
      [{ record: 1, line: 2, code: 'bad_row' }],
    ],
    [
      'a row of several lines with too many fields costs its first line',
      '1,"a\nb",http://a/1,more,still more\n2,"c\nd",http://a/2\n',
      [['2', 'c\nd', 'http://a/2']],
      [
        { record: 1, line: 2, code: 'bad_row' },
        { record: 2, line: 3, code: 'bad_row' },
      ],
    ],
  ])('%s', async (_, text, rows, rejects) => {
    expect(await cells(HEADER + text)).toEqual(rows);
    expect(fixture.rejects()).toMatchObject(rejects);
  });

  it('without quoting, in which two rows would be read as one', async () => {
    const rows = ['1,a,http://a/1', '2,"b,http://a/2', '3,c",http://a/3', '4,d,http://a/4'];
    const expected = rows.map((row) => row.split(','));
    expect(await cells(`${HEADER}${rows.join('\n')}\n`)).toEqual(expected);
  });

  it('with backslashes before the quotes inside a field', async () => {
    const text = '1,"say \\"x, y\\"",http://a/1\n2,"a\\\\",http://a/2\n3,b,http://a/3\n';
    expect(await cells(HEADER + text)).toEqual([
      ['1', 'say "x, y"', 'http://a/1'],
      ['2', 'a\\', 'http://a/2'],
      ['3', 'b', 'http://a/3'],
    ]);
  });

  it('with blanks before quotes, whose rows would not fit the header otherwise', async () => {
    const text = '1, "say ""x"", y" , http://a/1\n2,  "b\nc",http://a/2\n3, d "e",http://a/3\n';
    expect(await cells(HEADER + text)).toEqual([
      ['1', 'say "x", y', ' http://a/1'],
      ['2', 'b\nc', 'http://a/2'],
      ['3', ' d "e"', 'http://a/3'],
    ]);
  });

  it('keeps blanks before quotes where every row fits the header as it stands', async () => {
    const text = '1, "Sunset" by a lake,http://a/1\n2, "b",http://a/2\n';
    expect(await cells(HEADER + text)).toEqual([
      ['1', ' "Sunset" by a lake', 'http://a/1'],
      ['2', ' "b"', 'http://a/2'],
    ]);
  });

  it('keeps a backslash that ends a quoted field', async () => {
    const text = '1,"C:\\",http://a/1\n2,"a, b",http://a/2\n';
    expect(await cells(HEADER + text)).toEqual([
      ['1', 'C:\\', 'http://a/1'],
      ['2', 'a, b', 'http://a/2'],
    ]);
  });
});

describe('the input', () => {
  it('names the quote, or says that there is none, whatever the content shows', async () => {
    const text = 'id,title,url\n1,\'a, b\',http://a/1\n2,"c",http://a/2\n';
    expect(await cells(text, { quote: "'" })).toEqual([
      ['1', 'a, b', 'http://a/1'],
      ['2', '"c"', 'http://a/2'],
    ]);
    fixture.remove();
    fixture = new DataRootFixture();
    expect(await cells('id,title,url\n1,"c",http://a/1\n', { quote: '' })).toEqual([
      ['1', '"c"', 'http://a/1'],
    ]);
  });

  it('names the escape character', async () => {
    const text = 'id,title,url\n1,"a^"b",http://a/1\n';
    expect(await cells(text, { escape: '^' })).toEqual([['1', 'a"b', 'http://a/1']]);
  });

  it.each([
    [{ quote: ',' }, '`quote` is ","'],
    [{ escape: '\n' }, '`escape` is "\\n"'],
    [{ quote: 'ab' }, '`quote` is "ab"'],
  ])('%j is refused', async (input, words) => {
    const error = await stepErrorOf(fixture.readText('id,url\n1,"2"\n', input));
    expect(error).toMatchObject({ code: 'input' });
    expect(error.message).toContain(words);
  });
});

/** Reads the text in chunks, as a file is read. */
function readChunks(text: string, chunk: number): readonly CsvRow[] {
  const reader = new CsvReader({ delimiter: ',', quote: '"', escape: null }, 'c.csv');
  const window = new TextWindow();
  const rows: CsvRow[] = [];
  for (let at = 0; at < text.length; at += chunk) {
    window.append({ text: text.slice(at, at + chunk), bad: [] });
    window.complete = at + chunk >= text.length;
    for (const row of reader.read(window)) {
      reader.width ??= widthOfHeader(row.fields);
      rows.push(row);
    }
  }
  return rows;
}

describe('reading takes time in proportion to the text', () => {
  const LINES = 1_000_000;

  it.each([
    ['each line opens a quote', '"x,http://a/\n'],
    ['each line closes the quote of the line before, and opens one', 'x","y\n'],
    ['each line has an odd number of quotes in the middle', 'x,"""y\n'],
  ])('%s, a million times', (_, line) => {
    const rows = readChunks(`id,url\n${line.repeat(LINES)}`, 1 << 20);
    const lines = rows.map((row) => row.line);
    expect(lines.at(-1)).toBeGreaterThanOrEqual(LINES);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('a quoted field has a million backslashes, each before a character', async () => {
    const title = '\\\\'.repeat(500_000);
    const text = `id,title,url\n1,"\\"${title}",http://a/1\n2,b,http://a/2\n`;
    const [first, second] = await cells(text, { escape: '\\' });
    expect(first?.[1]).toHaveLength(1 + 500_000);
    expect(second).toEqual(['2', 'b', 'http://a/2']);
  });

  it('a quote in the second line of 40 MB is never closed: the rows after it are read', () => {
    const count = 2_000_000;
    const rows = readChunks(`id,url\n0,"u\n${'1,http://host/abcdef\n'.repeat(count)}`, 1 << 20);
    expect(rows).toHaveLength(count + 2);
    expect(rows[1]).toMatchObject({ line: 2, problem: expect.stringContaining('quote') as string });
    expect(rows.filter(({ problem }) => problem === null)).toHaveLength(count + 1);
  });
});

it('a row is the same wherever the file was cut into chunks', () => {
  const text = 'id,url\n1,"a\nb"\n2,"c\n3,d\n4,"e""f"\r\n5,"g"h\n6,i';
  const whole = readChunks(text, text.length);
  expect(whole.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6, 7, 8]);
  for (let chunk = 1; chunk < text.length; chunk += 1)
    expect(readChunks(text, chunk)).toEqual(whole);
});
