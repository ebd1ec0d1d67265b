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
    'fields between carets',
    'carets.csv',
    `id^title^url\n1^a, b^${url(1)}\n2^c^${url(2)}\n`,
    2,
    `--input '{"delimiter":"^"}'`,
  ],
  [
    'fields between blanks, without a header',
    'blanks.txt',
    `k1 ${url(1)}\nk2 ${url(2)}\n`,
    2,
    `--id-from url --url-column column_2 --input '{"delimiter":" "}' --no-header`,
  ],
  [
    'a table of Hive',
    'part-00000.txt',
    `1\u0001a\u0001${url(1)}\n2\u0001b\u0001${url(2)}\n`,
    2,
    `--id-from url --url-column column_3 --input '{"delimiter":"\\u0001"}' --no-header`,
  ],
  [
    'one column, with a tilde and blanks in its URLs',
    'column.csv',
    'url\nhttp://a/~b/1 2.jpg\nhttp://a/~b/2.jpg\n',
    2,
    '--id-from url',
  ],
  [
    'attachments of Airtable',
    'airtable.csv',
    `ID,Photos\n1,"a.jpg (${url(1)}),b (2).jpg (${url(2)})"\n2,c.jpg (${url(3)})\n`,
    3,
    '--id-column ID --url-column Photos --many',
  ],
  [
    'URLs in angle brackets',
    'sparql.tsv',
    `?item\t?image\n<http://w/Q1>\t<${url(1)}>\n<http://w/Q2>\t<${url(2)}>\n`,
    2,
    `--id-from url --url-column '?image'`,
  ],
  ...(
    [
      ['shift_jis', '93fa967b82cc8a47'],
      ['euc-jp', 'c6fccbdca4ceb3a8'],
      ['gb18030', 'd6d0b9fabbad'],
      ['euc-kr', 'c7d1b1b9c8ad'],
      ['big5', 'c163c5e9a4a4a4e5'],
      // Caf\u00e9, H\u00f6he
      ['windows-1252', '436166e92048f6686520'],
    ] as const
  ).map(([encoding, title]): ProposalCase => [
    `titles in ${encoding}`,
    'old.csv',
    Buffer.concat([
      Buffer.from('id,t,url\n1,'),
      Buffer.from(title, 'hex'),
      Buffer.from(`,${url(1)}\n`),
    ]),
    1,
    `--input '{"encoding":"${encoding}"}'`,
  ]),
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
  [
    'rows of R that begin with their names, between blanks and in quotes',
    'table.txt',
    `"acc" "url" "title"\n${[1, 2, 3].map((n) => `"${n}" "x${n}" "${url(n)}" "a b"\n`).join('')}`,
    3,
    `--id-from url --input '{"delimiter":" "}'`,
  ],
  [
    'rows of R that begin with their names, between tabs',
    'birds.tsv',
    `id\tphoto\tsize\n${['wren', 'kite'].map((name, n) => `${name}\t${n}\t${url(n)}\t3\n`).join('')}`,
    2,
    '--url-column photo',
  ],
  [
    'identifiers of Dublin Core, each time a page and an image, beside a licence',
    'oai.json',
    JSON.stringify({
      records: [1, 2].map((n) => ({
        id: `oai:${n}`,
        dc: { identifier: [`http://a/item/${n}`, url(n)], rights: 'http://cc/zero/1.0/' },
      })),
    }),
    4,
    "--records records --url-column 'dc.identifier[]' --many",
  ],
  [
    'IIIF manifests, one a line',
    'books.ndjson',
    [1, 2].map((n) => `${JSON.stringify(manifest(n))}\n`).join(''),
    4,
    '--format iiif',
  ],
];

/** A manifest with two pages, whose thumbnails and services are no images of pages. */
function manifest(book: number): object {
  const canvases = [1, 2].map((page) => ({
    '@id': `http://m/${book}/${page}`,
    thumbnail: { '@id': `http://t/${book}/${page}.jpg` },
    images: [{ resource: { '@id': url(book * 10 + page), service: { '@id': 'http://s/1' } } }],
  }));
  return {
    '@context': 'http://iiif.io/api/presentation/2/context.json',
    ...{ '@id': `http://m/${book}`, '@type': 'sc:Manifest', sequences: [{ canvases }] },
  };
}
