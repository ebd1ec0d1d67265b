/** The core of a Darwin Core archive beside its images, compared with a join made by the test. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { catalogFiles } from '../../../src/catalog/catalog-files';
import { inspectCatalog } from '../../../src/catalog/inspect/inspect-catalog';
import { filesToTake, inReadingOrder } from '../../../src/cli/run/catalog/files-to-take';
import { DataRootFixture, database, hash } from '../data-root-fixture';
import { zipArchive } from '../zip-archive';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const ATTRIBUTES =
  'encoding="utf-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"';
const METAFILE = `<archive xmlns="http://rs.tdwg.org/dwc/text/">
  <core rowType="http://rs.tdwg.org/dwc/terms/Occurrence" ${ATTRIBUTES}>
    <files><location>occurrence.txt</location></files><id index="0"/>
    <field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
    <field index="2" term="http://purl.org/dc/terms/license"/></core>
  <extension rowType="http://rs.tdwg.org/ac/terms/Multimedia" ${ATTRIBUTES}>
    <files><location>multimedia.txt</location></files><coreid index="1"/>
    <field index="0" term="http://rs.tdwg.org/ac/terms/accessURI"/>
    <field index="2" term="http://purl.org/dc/terms/license"/></extension>
</archive>`;

type Line = readonly string[];
const text = (...lines: readonly Line[]): string => lines.map((line) => line.join('\t')).join('\n');

function archiveOf(core: readonly Line[], media: readonly Line[]): Record<string, string> {
  return {
    'meta.xml': METAFILE,
    'eml.xml': '<eml/>',
    'occurrence.txt': text(['id', 'name', 'license'], ...core),
    'multimedia.txt': text(['uri', 'coreid', 'license'], ...media),
    'rights.txt': 'free',
  };
}

/** Writes the archive unpacked, and returns its path as the input has it. */
function writeFolder(files: Readonly<Record<string, string>>): string {
  fs.mkdirSync(fixture.path('catalogs', 'archive'));
  for (const [name, content] of Object.entries(files)) fixture.write(`archive/${name}`, content);
  return 'catalogs/archive';
}

const INPUT = {
  format: 'dwca',
  columns: { id: 'id', url: 'accessURI' },
  many: true,
} as const;

test.each(['zip', 'folder'])(
  'each image of a %s has the first record of its key in the core beside it, and all images are taken',
  async (kind) => {
    const name = fc.stringMatching(/^[a-zé"', ]{1,8}$/);
    const core = fc.sample(fc.tuple(fc.nat(30).map(String), name, name), { numRuns: 40, seed: 3 });
    const media = fc
      .sample(fc.tuple(fc.nat(40).map(String), name), { numRuns: 60, seed: 4 })
      .map(([key, license], n) => [`http://a/${n}.jpg`, key, license]);
    const files = archiveOf(core, media);
    const catalog = kind === 'zip' ? fixture.write('x.zip', zipArchive(files)) : writeFolder(files);
    expect(await fixture.parse(catalog, INPUT)).toMatchObject({ images: 60, rejected: 0 });
    const expected = media.map(([url = '', key = '', license = '']) => {
      const record = core.find(([id]) => id === key);
      return [`${key}#${hash(url)}`, license, key, record?.[1] ?? null, record?.[2] ?? null];
    });
    const rows = (await fixture.rows()).map((row) => [
      ...[row.source_image_id, row.license, row.id, row.scientificName, row.core_license],
    ]);
    expect(rows).toEqual(expected);
    expect(core.length).toBeGreaterThan(new Set(core.map(([id]) => id)).size);
  },
);

it('rejects images that do not fit under their own lines, and leaves out records that do not', async () => {
  const core = [
    ['1', 'a', 'free'],
    ['2', 'broken'],
    ['3', 'c', 'free'],
  ];
  const media = [
    ['http://a/1.jpg', '1', ''],
    ['http://a/2.jpg', '2', ''],
    ['http://a/none.jpg'],
    ['http://a/3.jpg', '3', ''],
  ];
  const catalog = fixture.write('x.zip', zipArchive(archiveOf(core, media)));
  expect(await fixture.parse(catalog, INPUT)).toMatchObject({ images: 3, rejected: 1 });
  expect(fixture.rejects()).toMatchObject([{ record: 3, line: 4, code: 'bad_row' }]);
  expect((await fixture.rows()).map(({ scientificName }) => scientificName)).toEqual([
    'a',
    null,
    'c',
  ]);
});

it('an archive takes the id of an image from a column of the core', async () => {
  const files = archiveOf([['1', 'Parus', '']], [['http://a/1.jpg', '1', '']]);
  const catalog = fixture.write('x.zip', zipArchive(files));
  const columns = { id: ['id', 'scientificName'], url: 'accessURI' };
  await fixture.parse(catalog, { ...INPUT, columns, many: false });
  expect(await fixture.images()).toEqual([['1|Parus', 'http://a/1.jpg']]);
});

it('recognises an unpacked archive, and reads the same files wherever it is', async () => {
  const folder = fixture.path(
    writeFolder(archiveOf([['1', 'Parus', '']], [['http://a/1.jpg', '1', '']])),
  );
  const taken = inReadingOrder(filesToTake([folder], undefined)).map(({ name }) => name);
  expect(taken).toEqual(['meta.xml', 'multimedia.txt', 'occurrence.txt', 'rights.txt']);
  const metafile = path.join(folder, 'meta.xml');
  expect(() => filesToTake([metafile], undefined)).toThrow(`Name its folder instead: ${folder}`);
  const files = await catalogFiles(fixture.root, 'catalogs/archive', 'dwca');
  expect(files.map(({ name }) => name)).toEqual(taken);
  const found = await inspectCatalog({ files, name: folder, database }, 'dwca');
  expect(found).toMatchObject({ format: 'dwca', urls: 1, taken: 1 });
  expect(found.proposal).toMatchObject({ columns: { id: 'id', url: ['accessURI'] } });
  fs.rmSync(path.join(folder, 'multimedia.txt'));
  await expect(fixture.parse('catalogs/archive', INPUT)).rejects.toMatchObject({
    code: 'catalog_format',
    message: expect.stringContaining('lacks "multimedia.txt", which its meta.xml names') as string,
  });
});
