/** Catalogs as programs of all kinds write them, and what an inspection proposes for each. */

/** What writes it so; the file's name; its content; its images; the words behind the name. */
export type ProposalCase = readonly [string, string, string | Buffer, number, string];

const url = (n: number): string => `http://a/${n}.jpg`;

/** As PHP and pandas write JSON. */
const escaped = (value: unknown): string => JSON.stringify(value).replaceAll('/', '\\/');

export const FURTHER_PROPOSALS: readonly ProposalCase[] = [
  [
    'UTF-16 without a mark',
    'wide.csv',
    Buffer.from(`id,url\n1,${url(1)}\n`, 'utf16le'),
    1,
    `--input '{"encoding":"utf-16le"}'`,
  ],
  [
    'a list under a key, written by PHP',
    'php.json',
    escaped({ total: 2, items: [1, 2].map((n) => ({ id: n, url: url(n) })) }),
    2,
    '--records items',
  ],
  [
    'a data frame of pandas, written column by column',
    'frame.json',
    escaped({ title: { 0: 'x', 1: 'y', 2: 'z' }, photo: { 0: url(1), 1: url(2), 2: url(3) } }),
    3,
    '--records photo --id-column key --url-column value',
  ],
  [
    'a data frame of pandas, split into names and rows',
    'split.json',
    escaped({ columns: ['id', 'url'], index: [0, 1], data: [1, 2].map((n) => [n, url(n)]) }),
    2,
    '--records data --id-from url --url-column column_2 --no-header',
  ],
  [
    'cells of two lines in each row, between lines as wide',
    'lines.csv',
    `id,title,url\n${[1, 2, 3].map((n) => `${n},"a\r\nb",${url(n)}\r\n`).join('')}`,
    3,
    '',
  ],
  [
    'NDJSON that is named as text',
    'dump.txt',
    [1, 2].map((n) => `${JSON.stringify({ id: n, media: [{ content: url(n) }] })}\n`).join(''),
    2,
    `--url-column 'media[].content'`,
  ],
  [
    'JSON of several lines that is named as NDJSON',
    'pretty.jsonl',
    [1, 2].map((n) => `${JSON.stringify({ id: n, url: url(n) }, null, 2)}\n`).join(''),
    2,
    '--format json',
  ],
  [
    'lists of images that are empty in most records',
    'objects-of-one.jsonl',
    [1, 2, 3, 4]
      .map((n) => ({ id: n, image: url(n), further: n === 3 ? [url(5), url(6)] : [] }))
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
    6,
    '--url-column image --url-column further --many',
  ],
];
