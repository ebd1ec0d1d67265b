/** Folders as programs export tables, with files in them that are no part of the table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CatalogFormat } from '../../src/contract/run-input';
import { filesToTake } from '../../src/cli/run/catalog/files-to-take';
import { leftOutText } from '../../src/cli/run/catalog/files-left-out';
import { DataRootFixture } from './data-root-fixture';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

function writeFolder(names: readonly string[]): string {
  for (const [index, name] of names.entries()) {
    const file = fixture.path('catalogs', 'all', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${index},http://a/${index}.jpg\n`);
  }
  return fixture.path('catalogs', 'all');
}

const CASES: readonly [string, CatalogFormat, readonly string[], readonly string[]][] = [
  ['Hadoop', 'csv', ['part-00000', 'part-00001'], ['_SUCCESS', '_logs/x.xml']],
  [
    'Spark',
    'csv',
    ['part-0-c000.csv', 'year=2020/p.csv'],
    ['_SUCCESS', '_committed_1', '_t/x.csv'],
  ],
  ['Redshift', 'csv', ['x0000_part_00', 'x0001_part_00'], ['xmanifest', 'manifest']],
  ['a mirror', 'csv', ['000', '001'], ['000.md5', 'checksums.sha256', '001.crc']],
  ['a museum', 'csv', ['objects.csv'], ['README.txt', 'LICENSE', 'notes.txt', 'objects.csv.md5']],
  ['a data set', 'txt', ['urls.txt'], ['README.txt', 'licence-cc0.txt', 'CHANGELOG.md']],
];

test.each(CASES)('of the folder of %s the parts are read, and others named', async (...row) => {
  const [, format, parts, others] = row;
  const folder = writeFolder([...parts, ...others, '.part-0.crc', '.DS_Store']);
  const taken = filesToTake([folder], undefined);
  expect(taken.map(({ name }) => name).sort()).toEqual([...parts].sort());
  const told = leftOutText([folder], taken)?.split(': ')[1]?.split(', ');
  expect(told).toEqual([...others].sort());

  const columns = { id: 'column_1', url: 'column_2' };
  const result = await fixture.parse('catalogs/all', { format, columns, header: false });
  expect(result).toMatchObject({ rows: parts.length, images: parts.length });
});

test('files whose names begin so are read where there are no others, and where they are given', async () => {
  const folder = writeFolder(['_raw/_works.csv']);
  const [only] = filesToTake([folder], undefined);
  expect(only?.name).toBe('_raw/_works.csv');
  expect(leftOutText([folder], filesToTake([folder], undefined))).toBeNull();

  const given = [
    path.join(folder, '_raw', '_works.csv'),
    path.join(writeFolder(['b.csv']), 'b.csv'),
  ];
  const names = filesToTake(given, undefined).map(({ name }) => name);
  expect(names).toEqual(['file-_works.csv', 'b.csv']);
  const columns = { id: 'column_1', url: 'column_2' };
  for (const [index, name] of names.entries())
    fixture.write(name, `${index},http://b/${index}.jpg\n`);
  expect(await fixture.parse('catalogs', { columns, header: false })).toMatchObject({ rows: 3 });
});

test('a folder of several formats is refused with the options that take one, the largest first', () => {
  const folder = writeFolder(['datapackage.json', 'works.csv', 'deep/more-works.csv']);
  expect(() => filesToTake([folder], undefined)).toThrow(
    /works\.csv and 1 more are csv, datapackage\.json is json.*--format csv or --format json/,
  );
});
