/**
 * What `inspect` proposes takes every image of a catalog, whatever its shape: the run's own reading
 * proves it.
 */
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { inspectSample } from '../../../src/catalog/inspect/inspect-sample';
import type { Inspection } from '../../../src/catalog/inspect/inspection';
import { runLine } from '../../../src/cli/inspect/run-line';
import type { ResolvedInput } from '../../../src/contract/run-input';
import { DataRootFixture, database } from '../data-root-fixture';
import { zipArchive } from '../zip-archive';
import { FURTHER_PROPOSALS, type ProposalCase } from './further-proposals';
import { PROPOSALS_OF_EXPORTS } from './proposals-of-exports';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** As in the child process. */
function inspect(catalog: string): Promise<Inspection> {
  const files = [{ file: path.resolve(fixture.root, catalog), name: catalog }];
  return inspectSample({ kind: 'inspect', files, name: catalog, database, format: null });
}

/** The proposal as a run has it. */
function inputOf({ proposal, format, encoding }: Inspection): Partial<ResolvedInput> {
  const { columns, needsBase, ...shape } = proposal ?? { columns: { url: [] }, needsBase: false };
  const [only, another] = columns.url;
  const url = another === undefined ? (only ?? 'url') : columns.url;
  return {
    ...{
      ...shape,
      delimiter: shape.delimiter ?? null,
      encoding,
      format,
      columns: { id: columns.id ?? 'id', url },
    },
    ...(format === 'urls' ? { idFrom: 'url' as const } : {}),
    ...(needsBase ? { baseUrl: 'http://base' } : {}),
  };
}

const url = (n: number): string => `http://a/${n}.jpg`;

it.each<ProposalCase>([
  [
    'several rows for one object',
    'multimedia.txt',
    `gbifID\tidentifier\tpage\n1\t${url(1)}\thttp://a/1.html\n1\t${url(2)}\t\n2\t${url(3)}\t\n`,
    3,
    '--id-column gbifID --url-column identifier --many',
  ],
  [
    'several URLs in a cell',
    'shop.csv',
    `ID,Images\n7,"${url(1)}, ${url(2)}"\n8,${url(3)}\n`,
    3,
    '--id-column ID --url-column Images --many',
  ],
  [
    'no column with ids, and titles above the header',
    'products.csv',
    `Exported in May\n\nbrand,image_url\nx,${url(1)}\nx,${url(2)}\n`,
    2,
    '--id-from url --url-column image_url',
  ],
  [
    'no header, and several columns of URLs',
    'urls.csv.gz',
    gzipSync(`${url(1)},${url(2)}\n${url(3)},${url(4)}\n`),
    4,
    '--id-from url --url-column column_1 --url-column column_2 --no-header',
  ],
  [
    'records under a key, with values inside others',
    'coco.json',
    JSON.stringify({
      info: { year: 2019 },
      images: [1, 2].map((n) => ({ id: n, image: { thumb: url(n), page: 'http://a/x.html' } })),
    }),
    2,
    '--records images --url-column image.thumb',
  ],
  [
    'an object of records, whose names are the ids',
    'keyed.json',
    JSON.stringify({ w1: { url: url(1), tags: {} }, 'w 2': { url: url(2) }, w3: { url: null } }),
    2,
    '--records . --id-column key',
  ],
  [
    'an object of records under a key, beside an object that holds none',
    'keyed-below.json',
    JSON.stringify({
      meta: { total: { n: 2 }, pages: { n: 1 } },
      works: { w1: { photo: url(1) }, w2: { photo: url(2) } },
    }),
    2,
    '--records works --id-column key --url-column photo',
  ],
  [
    'ids with a URL, or with several',
    'map.json',
    JSON.stringify({ a: url(1), b: [url(2), url(3)], c: [] }),
    3,
    '--records . --id-column key --url-column value --many',
  ],
  [
    'lists of images inside records, one a line',
    'objects.jsonl',
    `{"_id":{"$oid":"a"},"images":[{"url":"${url(1)}"},{"url":"${url(2)}"}]}\n{"_id":{"$oid":"b"},"images":[]}\n`,
    2,
    `--id-column '_id.$oid' --url-column 'images[].url' --many`,
  ],
  [
    'semicolons, and an old encoding',
    'caf\u00e9.csv',
    Buffer.from(`id;titel;url\n1.0;caf\u00e9;${url(1)}\n2.0;x;${url(2)}\n`, 'latin1'),
    2,
    `--input '{"encoding":"windows-1252","delimiter":";"}' --integer-ids`,
  ],
  [
    'relative URLs',
    'movies.csv',
    'id,poster_path,title\n862,/a.jpg,Toy\n8844,/b.jpg,Jumanji\n',
    2,
    '--url-column poster_path --base-url https://HOST/PATH/',
  ],
  [
    'URLs without a scheme',
    'commons.csv',
    'id,thumb\n1,//host.example/a.jpg\n2,//other.example/b.jpg\n',
    2,
    '--url-column thumb --base-url https://host.example',
  ],
  ['a list of URLs', 'urls.txt', `${url(1)}\nhttp://a/b,c d\n`, 2, ''],
  [
    'an archive that does not tell',
    'dump.zip',
    zipArchive({ 'works.csv': `id,url\n1,${url(1)}\n` }),
    1,
    '--format csv',
  ],
  [
    'JSON that the name does not tell, with NaN',
    'dump',
    `[{"id":1,"size":NaN,"url":"${url(1)}"},{"id":2,"url":"${url(2)}"}]`,
    2,
    '--format json',
  ],
  [
    'semicolons, with commas in every number',
    'masse.csv',
    `Nr.;Breite;Höhe;Bild\n${[1, 2, 3].map((n) => `${n};${n},5;${n},25;${url(n)}\n`).join('')}`,
    3,
    `--id-column Nr. --url-column Bild --input '{"delimiter":";"}'`,
  ],
  [
    'titles that a spreadsheet padded to the width of the table',
    'report.csv',
    `Export,,\nMay,,\n,,\nAccession Number,Title,Image URL\n1.1,x,${url(1)}\n1.2,,${url(2)}\n`,
    2,
    `--id-column 'Accession Number' --url-column 'Image URL'`,
  ],
  [
    'blanks between commas and quotes',
    'blanks.csv',
    `"id", "title", "url"\n"1", "a, b", "${url(1)}"\n"2", "c", "${url(2)}"\n`,
    2,
    '',
  ],
  [
    'apostrophes as quotes',
    'dump.csv',
    `id,title,url\n1,'a, b','${url(1)}'\n2,'it''s','${url(2)}'\n`,
    2,
    `--input '{"quote":"'\\''"}'`,
  ],
  [
    'a JSON list of URLs',
    'list.json',
    JSON.stringify([url(1), url(2)]),
    2,
    '--id-from url --url-column value',
  ],
  [
    'rows of cells under a key, as Socrata gives them',
    'rows.json',
    JSON.stringify({
      meta: { view: { id: 'x', columns: [{ name: 'sid' }, { name: 'image' }] } },
      data: [
        ['row-1', 17, url(1), null],
        ['row-2', 18, url(2), null],
      ],
    }),
    2,
    '--records data --id-from url --url-column column_3 --no-header',
  ],
  [
    'rows of cells under a key, of which the first has the names',
    'sheet.json',
    JSON.stringify({
      range: 'A1:B3',
      values: [
        ['id', 'url'],
        ['a', url(1)],
        ['b', url(2)],
      ],
    }),
    2,
    '--records values',
  ],
  [
    'a list of URLs with comments',
    'commented.txt',
    `# Seen in May\n\n${url(1)}\n  # more\n${url(2)}\n`,
    2,
    '',
  ],
  [
    'a delimiter behind each row but not behind the header',
    'exported.csv',
    `id,title,url\n1,a,${url(1)},\n2,b,${url(2)},\n`,
    2,
    '',
  ],
  [
    'a delimiter behind the header but not behind the rows, and titles above it',
    'report2.csv',
    `Export\nid,title,url,\n1,a,${url(1)}\n2,,${url(2)}\n`,
    2,
    '',
  ],
  [
    "a database's NULL in the place of URLs",
    'dump.tsv',
    `id\ttitle\turl\n1\t\\N\t${url(1)}\n2\t\\N\t\\N\n`,
    1,
    '',
  ],
  ...FURTHER_PROPOSALS,
  ...PROPOSALS_OF_EXPORTS,
])('the proposal for %s takes all of its images', async (_, name, content, images, words) => {
  const catalog = fixture.write(name, content);
  const found = await inspect(catalog);
  expect(found).toMatchObject({ isWhole: true, urls: images, taken: images });
  const line = ['artemis-pipeline run', name === 'caf\u00e9.csv' ? `'${name}'` : name, words];
  expect(runLine({ files: [name] }, found)).toBe(line.filter((part) => part !== '').join(' '));

  const parsed = await fixture.parse(catalog, inputOf(found));
  expect(parsed.images - parsed.noUrl).toBe(images);
  expect(parsed.rejects === '' ? null : fixture.rejects()).toEqual([]);
});
