/** Darwin Core archives as catalogs, counted by the rows that they are written from. */
import fc from 'fast-check';
import { parseMetafile } from '../../../src/catalog/darwin-core/parse-metafile';
import { DataRootFixture, hash, stepErrorOf } from '../data-root-fixture';
import { zipArchive } from '../zip-archive';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

interface Written {
  readonly delimiter: string;
  readonly quote: string;
  readonly headerRows: number;
  readonly encoding: 'UTF-8' | 'ISO-8859-1';
}

const TABS: Written = { delimiter: '\\t', quote: '', headerRows: 1, encoding: 'UTF-8' };
const COMMAS: Written = { delimiter: ',', quote: '&quot;', headerRows: 0, encoding: 'ISO-8859-1' };

function metafile(
  { delimiter, quote, headerRows, encoding }: Written,
  core = 'Occurrence',
): string {
  const attributes = `encoding="${encoding}" fieldsTerminatedBy="${delimiter}" linesTerminatedBy="\\n" fieldsEnclosedBy='${quote}' ignoreHeaderLines="${headerRows}"`;
  return `<?xml version="1.0" encoding="utf-8"?>
<!-- made by a test --><archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">
  <core rowType="http://rs.tdwg.org/dwc/terms/${core}" ${attributes}>
    <files><location>occurrence.txt</location></files>
    <id index="0"/><field index="1" term="http://rs.tdwg.org/dwc/terms/associatedMedia"/></core>
  <extension rowType="http://rs.gbif.org/terms/1.0/Multimedia" ${attributes}>
    <files><location>multimedia.txt</location></files>
    <coreid index="0"/><field index="2" term="http://purl.org/dc/terms/identifier"/>
    <field index="1" term="http://purl.org/dc/terms/title"/>
    <field default="CC0 &amp; free" term="http://purl.org/dc/terms/license"/></extension>
</archive>`;
}

const columns = { id: 'coreid', url: 'identifier' };

test.each([
  ['tabs and no quotes', TABS, (cells: readonly string[]) => cells.join('\t')],
  [
    'commas, quotes and an old encoding',
    COMMAS,
    (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
  ],
])(
  'the multimedia of an archive with %s are taken as they were written',
  async (_, written, line) => {
    const cell = fc.stringMatching(/^[a-z\u00e9"',; ]{0,8}$/);
    const rows = fc.sample(fc.tuple(fc.nat(5), cell, fc.nat(99)), { numRuns: 40, seed: 5 });
    const cells = rows.map(([id, title, n]) => [String(id), title, `http://a/${n}.jpg`]);
    const header = written.headerRows === 0 ? [] : [['gbifID', 'title', 'identifier']];
    const text = [...header, ...cells].map(line).join('\n');
    const archive = zipArchive({
      'data/meta.xml': metafile(written),
      'data/multimedia.txt': Buffer.from(text, written.encoding === 'UTF-8' ? 'utf8' : 'latin1'),
      'data/occurrence.txt': 'x\ty\n',
    });
    const catalog = fixture.write('x.zip', archive);
    const result = await fixture.parse(catalog, { format: 'dwca', columns, many: true });

    const images = new Map(
      cells.map(([id = '', title = '', url = '']) => [`${id} ${url}`, [id, title, url]]),
    );
    expect(result).toMatchObject({ rows: 40, images: images.size, rejected: 0, noUrl: 0 });
    const first = cells.filter(
      ([id, , url], n) => cells.findIndex((one) => one[0] === id && one[2] === url) === n,
    );
    expect(
      (await fixture.rows()).map((row) => [row.source_image_id, row.title, row.license]),
    ).toEqual(
      first.map(([id = '', title = '', url = '']) => [
        `${id}#${hash(url)}`,
        title === '' ? null : title,
        'CC0 & free',
      ]),
    );
  },
);

it('an input may name another table of the archive by its file, and rows that do not fit are rejected', async () => {
  const files = {
    'meta.xml': metafile(TABS),
    'multimedia.txt': 'id\tt\tu\n1\ta\thttp://a/1.jpg\n2\tshort\n',
    'occurrence.txt': 'id\tm\n7\thttp://b/7.jpg | http://b/8.jpg\n',
  };
  const catalog = fixture.write('x.zip', zipArchive(files));
  expect(await fixture.parse(catalog, { format: 'dwca', columns })).toMatchObject({
    images: 1,
    rejected: 1,
  });
  expect(fixture.rejects()).toMatchObject([{ line: 3, code: 'bad_row' }]);

  const core = { id: 'id', url: 'associatedMedia' };
  const input = { format: 'dwca', columns: core, many: true, member: 'occurrence.txt' } as const;
  expect(await fixture.parse(catalog, input)).toMatchObject({ images: 2, rejected: 0 });
  const unknown = await stepErrorOf(fixture.parse(catalog, { ...input, member: 'x.txt' }));
  expect(unknown.message).toContain('It has --member occurrence.txt, --member multimedia.txt');
});

test.each([
  ['a document type', '<!DOCTYPE a [<!ENTITY b "x">]><archive/>', 'a document type'],
  [
    'an element that is not closed',
    '<archive><core></archive>',
    'no whole XML (1:25: unexpected close tag',
  ],
  ['another root', '<catalog/>', 'no whole <archive>'],
  ['no core', '<archive></archive>', 'describes no core'],
  ['elements without end', '<a>'.repeat(50), 'more than 20 elements'],
])('a metafile with %s is refused', (_, text, said) => {
  expect(parseMetafile(text)).toContain(said);
});

it.each([
  ['that is none', { 'a.csv': 'id,url\n' }, 'has no meta.xml'],
  ['whose metafile is too large', { 'meta.xml': ' '.repeat(5 << 20) }, 'of more than'],
  [
    'in an unknown encoding',
    { 'meta.xml': metafile({ ...TABS, encoding: 'odd' as 'UTF-8' }) },
    'encoding "odd"',
  ],
  [
    'without the table',
    { 'meta.xml': metafile(TABS), 'occurrence.txt': '' },
    'without "multimedia.txt"',
  ],
])('an archive %s is refused with the reason', async (_, files, said) => {
  const catalog = fixture.write('x.zip', zipArchive(files));
  const error = await stepErrorOf(fixture.parse(catalog, { format: 'dwca', columns }));
  expect(error).toMatchObject({ code: 'catalog_format' });
  expect(error.message).toContain(said);
});
