/** What an inspection finds out about a catalog, and what the check before a run refuses. */
import path from 'node:path';
import { checkCatalog, inspectCatalog } from '../../../src/catalog/inspect/inspect-catalog';
import { inspectSample } from '../../../src/catalog/inspect/inspect-sample';
import type { Inspection } from '../../../src/catalog/inspect/inspection';
import type { ResolvedInput } from '../../../src/contract/run-input';
import { checkSample } from '../../../src/catalog/inspect/check-sample';
import { inspectionText } from '../../../src/cli/inspect/inspection-text';
import { parseJob } from '../../../src/processes/process-messages';
import { DataRootFixture, database, query, resolvedInput, stepErrorOf } from '../data-root-fixture';
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

const url = (n: number): string => `http://a/${n}.jpg`;

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

const many = Array.from({ length: 60 }, (_, n) => n);
const lineOf = (n: number): string => `${n},${n % 10 === 0 ? url(n) : 'n/a'}\n`;

it.each<[string, string, string | Buffer, Partial<Inspection>, string]>([
  [
    'values for no URL in most rows',
    'x.csv',
    `id,url\n${many.map(lineOf).join('')}`,
    { urls: 6, taken: 6, others: 1, firstOther: 'n/a' },
    'Another value there is no URL, and the run reports each as bad_url: n/a',
  ],
  [
    'a second row of the header',
    'x.csv',
    `id,url,width\nNummer,Adresse,cm\n1,${url(1)},3\n2,${url(2)},4\n`,
    { urls: 2, taken: 2, others: 1, firstOther: 'Adresse' },
    'The first value there is no URL: Adresse. Is its row a second one of the header',
  ],
  [
    'a URL of another scheme',
    'x.csv',
    `id,url\n1,${url(1)}\n2,ftp://a/2.jpg\n`,
    { urls: 1, taken: 1, others: 1 },
    'and the run reports each as scheme: ftp://a/2.jpg',
  ],
  [
    'fixed-width text',
    'x.txt',
    `ID    URL                 TITLE\n1     ${url(1)}        A title\n2     ${url(2)}        B\n`,
    { proposal: null },
    'aligned with blanks (fixed-width text)',
  ],
  [
    'a row of another encoding than all others',
    'x.csv',
    Buffer.concat([
      Buffer.from(`id,t,url\n1,é,${url(1)}\n2,ü,${url(2)}\n`),
      Buffer.from(`3,é,${url(3)}\n`, 'latin1'),
    ]),
    { encoding: 'utf-8', taken: 2, rejected: 1 },
    '1 that cannot be taken (line 4: not valid utf-8)',
  ],
  [
    'letters of an unknown encoding',
    'x.csv',
    Buffer.from(`id,t,url\n1,é,${url(1)}\n`, 'latin1'),
    { encoding: 'windows-1252' },
    'name its encoding, such as windows-1251',
  ],
  [
    'pages that show shared files',
    'x.csv',
    'id,url\n1,https://github.com/a/b/blob/main/c.jpg\n2,https://drive.google.com/file/d/x/view\n',
    { taken: 2 },
    'seem to lead to pages',
  ],
  ['no record', 'x.csv', 'id,url\n', { proposal: null, records: 0 }, 'has no records'],
  [
    'addresses of other schemes',
    'x.csv',
    'id,file\n1,s3://b/1.jpg\n2,s3://b/2.jpg\n',
    { proposal: null },
    'The column file holds addresses such as s3://b/1.jpg, and only http and https',
  ],
  [
    'paths of files',
    'x.csv',
    'id,file\n1,C:\\scans\\1.jpg\n',
    { proposal: null },
    'The column file holds paths of local files such as C:',
  ],
  [
    'URLs between words',
    'x.csv',
    `id,files\n1,01/Jan/20;me;shot.png;${url(1)}\n`,
    { proposal: null },
    'The column files has URLs inside other text',
  ],
  [
    'URLs that nothing calls images',
    'x.csv',
    'id,link\n1,http://a/1\n2,http://a/2\n',
    { taken: 2 },
    'Nothing shows that these URLs lead to images',
  ],
  [
    'records of which only parts of URLs are there',
    'x.json',
    JSON.stringify({ photos: { page: 1, photo: [{ id: 1 }, { id: 2 }] } }),
    { proposal: null, records: 2 },
    '--records photos.photo --url-template',
  ],
  [
    'pages of a service that shows photographs',
    'x.tsv',
    'id\tphoto_url\n1\thttps://unsplash.com/photos/x\n',
    { taken: 1 },
    'seem to lead to pages',
  ],
  [
    'rows that are quoted as a whole',
    'x.csv',
    `"id,url"\n"1,${url(1)}"\n`,
    { proposal: null },
    'Remove these quotes',
  ],
])('says of a catalog with %s what a user must know', async (_, name, content, facts, said) => {
  const found = await inspect(fixture.write(name, content));
  expect(found).toMatchObject(facts);
  expect(inspectionText(found)).toContain(said);
});

it('reports of a data set of images that its rows contain the images themselves', async () => {
  const file = fixture.path('catalogs', 'set.parquet');
  const image = "{'bytes': '\\xFF\\xD8\\xFF\\x01'::BLOB, 'path': '1.jpg'}";
  await query(`COPY (SELECT 'x' AS id, ${image} AS image) TO '${file}'`);
  const found = await inspectCatalog(options('catalogs/set.parquet'), null);
  expect(inspectionText(found)).toContain('The column image.bytes holds images themselves');
});

it.each([
  ['a workbook', zipArchive({ 'xl/workbook.xml': '' }), 'CSV UTF-8'],
  ['an empty file', '', 'is empty'],
])('an inspection says why %s cannot be read', async (_, content, said) => {
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

  it('names the option with what precedes relative URLs', async () => {
    const catalog = fixture.write('x.csv', 'id,url\n1,/a.jpg\n2,/b.jpg\n');
    const error = await stepErrorOf(checkCatalog(options(catalog), resolvedInput(catalog)));
    expect(error).toMatchObject({ code: 'input' });
    expect(error.message).toContain('--base-url');
  });

  it('refuses a catalog whose URLs are all of schemes that are not requested', async () => {
    const catalog = fixture.write('x.csv', 'id,url\n1,s3://b/1.jpg\n2,gs://b/2.jpg\n');
    const error = await stepErrorOf(checkCatalog(options(catalog), resolvedInput(catalog)));
    expect(error).toMatchObject({ code: 'input' });
    expect(error.message).toContain('the first is "s3://b/1.jpg"');
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
