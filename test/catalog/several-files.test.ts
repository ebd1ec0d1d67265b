/** Folders whose files are one catalog. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DataRootFixture, query, stepErrorOf } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

/** Writes the files of a folder, and gives its path as the input has it. */
function folder(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    const file = fixture.path('catalogs', 'all', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return 'catalogs/all';
}

function unpack(archive: string): string {
  const target = fixture.path('catalogs', 'all');
  mkdirSync(target);
  execFileSync('tar', ['-xzf', path.join(__dirname, 'examples', archive), '-C', target]);
  return target;
}

test('CSV files are joined by the names of their columns, and rejects name their file and line', async () => {
  const catalog = folder({
    'b.csv': 'url,id,extra\nhttp://b/,2,x\nhttp://c/,1,y\nshort\n',
    'a.csv': 'id,url,title\n1,http://a/,first\n',
    'deep/c.csv': 'id,url,title\n1,http://d/,t\n3,,\n',
    'README.md': '# not a catalog',
    '.hidden.csv': 'id\n1\n',
  });
  const result = await fixture.parse(catalog);

  expect(result).toMatchObject({ rows: 6, images: 3, rejected: 3, noUrl: 1 });
  expect(result.catalog).toMatchObject({ path: catalog, bytes: 109 });
  expect(await fixture.rows()).toMatchObject([
    { source_image_id: '1', record: '1', thumb_url: 'http://a/', title: 'first', extra: null },
    { source_image_id: '2', record: '2', thumb_url: 'http://b/', title: null, extra: 'x' },
    { source_image_id: '3', record: '6', thumb_url: null, title: null, extra: null },
  ]);
  expect(fixture.rejects()).toMatchObject([
    { record: 3, line: 3, detail: 'b.csv: the id has another URL in a.csv, line 2, which is kept' },
    { record: 4, line: 4, code: 'bad_row', detail: 'b.csv: 1 fields where the header has 3' },
    { record: 5, line: 2, code: 'duplicate_conflict' },
  ]);
});

test('columns with the same name in one file continue the columns of that name in the other files', async () => {
  const text = (n: number): string => `id,url,x,x\n${n},http://a/${n},${n}1,${n}2\n`;
  await fixture.parse(folder({ 'a.csv': text(1), 'b.csv': text(2) }));
  expect(await fixture.rows()).toMatchObject([
    { x: '11', x_1: '12' },
    { x: '21', x_1: '22' },
  ]);
});

test('a folder is refused with the name of a file that lacks the columns of the input', async () => {
  const catalog = folder({ 'a.csv': 'id,url\n1,http://a/\n', 'b.csv': 'key,link\n1,http://a/\n' });
  const error = await stepErrorOf(fixture.parse(catalog));
  expect(error.code).toBe('catalog_columns');
  expect(error.message).toContain('The catalog b.csv: no column "id" and "url"');
});

test('Parquet files are joined by the names of their columns', async () => {
  mkdirSync(fixture.path('catalogs', 'all'));
  const file = (name: string): string => fixture.path('catalogs', 'all', name);
  await query(`COPY (SELECT 1 AS id, 'http://a/' AS url) TO '${file('a.parquet')}'`);
  await query(`COPY (SELECT 'http://b/' AS url, [1] AS tags, 2 AS id) TO '${file('b.parquet')}'`);
  await fixture.parse('catalogs/all', { format: 'parquet' });
  expect(await fixture.rows()).toMatchObject([
    { source_image_id: '1', tags: null },
    { source_image_id: '2', thumb_url: 'http://b/', tags: '[1]' },
  ]);
});

test('a folder with a link out of the data root is refused, and so is one without a file of the format', async () => {
  const catalog = folder({ 'a.csv': 'id,url\n1,http://a/\n' });
  const none = await stepErrorOf(fixture.parse(catalog, { format: 'json' }));
  expect(none).toMatchObject({ code: 'catalog_missing' });
  symlinkSync('/etc/hostname', fixture.path('catalogs', 'all', 'b.csv'));
  const error = await stepErrorOf(fixture.parse(catalog));
  expect(error.code).toBe('input');
  expect(error.message).toContain('catalogs/all/b.csv');
});

test('40 TSV files of the British Library: every line is a row', async () => {
  const target = unpack('bl_folder_sample.tar.gz');
  const lines = readdirSync(target).flatMap((name) =>
    readFileSync(path.join(target, name), 'utf8').split('\n').slice(1).filter(Boolean),
  );
  const columns = { id: 'flickr_id', url: 'flickr_original_source' };
  const result = await fixture.parse('catalogs/all', { format: 'tsv', columns });
  expect(lines.length).toBeGreaterThan(40);
  expect(result).toMatchObject({ rows: lines.length, images: lines.length, rejected: 0 });
});

test('250 JSON files of the Carnegie Museum of Art: every URL is an image', async () => {
  const target = unpack('cmoa_folder_sample.tar.gz');
  const works = readdirSync(target).map(
    (name) =>
      JSON.parse(readFileSync(path.join(target, name), 'utf8')) as {
        readonly images: readonly { readonly image_url: string }[] | null;
      },
  );
  const urls = works.flatMap(({ images }) => (images ?? []).map((image) => image.image_url));
  const without = works.filter(({ images }) => (images ?? []).length === 0).length;
  const columns = { id: 'id', url: 'images[].image_url' };
  const result = await fixture.parse('catalogs/all', { format: 'json', columns, many: true });
  expect(result).toMatchObject({ rows: urls.length + without, noUrl: without, rejected: 0 });
  expect(result.images + result.duplicates).toBe(urls.length + without);
  const rows = await fixture.rows();
  expect(new Set(rows.map((row) => row.thumb_url).filter(Boolean))).toEqual(new Set(urls));
});
