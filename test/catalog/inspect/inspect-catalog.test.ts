/** What `inspect` proposes takes every image of a catalog, whatever its shape: the run's own reading proves it. */
import { gzipSync } from 'node:zlib';
import path from 'node:path';
import { checkCatalog, inspectCatalog } from '../../../src/catalog/inspect/inspect-catalog';
import { inspectSample } from '../../../src/catalog/inspect/inspect-sample';
import type { Inspection } from '../../../src/catalog/inspect/inspection';
import { runLine } from '../../../src/cli/inspect/run-line';
import type { ResolvedInput } from '../../../src/contract/run-input';
import { checkSample } from '../../../src/catalog/inspect/check-sample';
import { parseJob } from '../../../src/processes/process-messages';
import { DataRootFixture, database, resolvedInput, stepErrorOf } from '../data-root-fixture';
import { zipArchive } from '../zip-archive';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const options = (catalog: string) => ({
  files: [{ file: path.resolve(fixture.root, catalog), name: catalog }],
  name: catalog,
  database,
});

/** As in the child process, which one test starts. */
function inspect(catalog: string): Promise<Inspection> {
  return inspectSample({ kind: 'inspect', ...options(catalog), format: null });
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

it.each<[string, string, string | Buffer, number, string]>([
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
    'UTF-16 without a mark',
    'wide.csv',
    Buffer.from(`id,url\n1,${url(1)}\n`, 'utf16le'),
    1,
    `--input '{"encoding":"utf-16le"}'`,
  ],
])('of %s', async (_, name, content, images, words) => {
  const catalog = fixture.write(name, content);
  const found = await inspect(catalog);
  expect(found).toMatchObject({ isWhole: true, urls: images, taken: images });
  const line = ['artemis-pipeline run', name === 'caf\u00e9.csv' ? `'${name}'` : name, words];
  expect(runLine({ files: [name] }, found)).toBe(line.filter((part) => part !== '').join(' '));

  const parsed = await fixture.parse(catalog, inputOf(found));
  expect(parsed.images - parsed.noUrl).toBe(images);
  expect(parsed.rejects === '' ? null : fixture.rejects()).toEqual([]);
});

it('reports the dialect, the columns with examples, and where the lists are', async () => {
  const records = [{ key: 'a' }, { id: 'x', image: url(1) }, { id: 'y', image: url(2) }];
  const text = JSON.stringify({ meta: {}, data: { items: records }, tags: [1] });
  const found = await inspectCatalog(options(fixture.write('x.json', text)), null);
  expect(found).toMatchObject({ format: 'json', encoding: 'utf-8', records: 3, rejected: 0 });
  expect(found.lists).toEqual([{ key: 'data.items', records: 3 }]);
  expect(found.columns).toMatchObject([
    { name: 'key', filled: 1, distinct: 1, examples: ['a'], urls: null },
    { name: 'id', filled: 2, distinct: 2, examples: ['x', 'y'], urls: null },
    { name: 'image', urls: { count: 2, absolute: 2, kind: 'image', isSeveral: false } },
  ]);
});

it('proposes nothing where no column holds URLs', async () => {
  expect(await inspect(fixture.write('x.csv', 'id,title\n1,a\n'))).toMatchObject({
    proposal: null,
    columns: [{ name: 'id' }, { name: 'title' }],
  });
});

it.each([
  ['a workbook', zipArchive({ 'xl/workbook.xml': '' }), 'CSV UTF-8'],
  ['an empty file', '', 'is empty'],
])('says why %s cannot be read', async (_, content, said) => {
  const error = await stepErrorOf(inspect(fixture.write('x.xlsx', content)));
  expect(error.message).toContain(said);
});

describe('the check before a run', () => {
  const check = (text: string, input: Partial<ResolvedInput> = {}): Promise<unknown> => {
    const catalog = fixture.write(`x.${input.format ?? 'csv'}`, text);
    const shape = { ...resolvedInput(catalog), ...input };
    return checkSample({ ...parseJob.parse({ ...shape, ...options(catalog) }) });
  };

  it('passes what a run can take, also a catalog whose later rows are bad', async () => {
    await check(`id,url\n1,${url(1)}\n2,http://a/,"x\n`);
    await check('id,url\n1,\n');
    await check('');
    expect(await check('id,url\n1,ftp://a/1.jpg\n2,a.jpg\n')).toMatchObject({
      ...{ urls: 2, withoutScheme: 1, example: 'a.jpg', isWhole: true },
    });
  });

  it('names the closest column', async () => {
    const columns = { id: 'id', url: 'thumbnail_URL' };
    const error = await stepErrorOf(check(`id,thumbnailUrl\n1,${url(1)}\n`, { columns }));
    expect(error).toMatchObject({ code: 'catalog_columns' });
    expect(error.message).toContain('no column "thumbnail_URL" (the closest is "thumbnailUrl")');
    expect(error.message).toContain('Found: "id", "thumbnailUrl"');
  });

  it('names what is put before relative URLs', async () => {
    const catalog = fixture.write('x.csv', 'id,url\n1,/a.jpg\n2,/b.jpg\n');
    const error = await stepErrorOf(checkCatalog(options(catalog), resolvedInput(catalog)));
    expect(error).toMatchObject({ code: 'input' });
    expect(error.message).toContain('--base-url');
  });

  it('does not wait for a column of JSON that may come late, but for a misspelt one', async () => {
    const lines = Array.from({ length: 10_001 }, (_, n) => `{"id":${n},"imageUrl":"${url(n)}"}`);
    const text = lines.join('\n');
    const format = 'ndjson';
    await check(text, { format, columns: { id: 'id', url: 'scan' } });
    const misspelt = check(text, { format, columns: { id: 'id', url: 'imgeUrl' } });
    expect((await stepErrorOf(misspelt)).message).toContain('the closest is "imageUrl"');
    const noIds = check(text, { format, columns: { id: 'key', url: 'imageUrl' } });
    expect(await stepErrorOf(noIds)).toMatchObject({ code: 'catalog_columns' });
  });
});
