/** Catalogs that are packed: gzip, zstd and zip, bombs, and what is none of them. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readBytes } from '../../src/catalog/text/catalog-bytes';
import { refuseForeign } from '../../src/catalog/text/foreign-format';
import { DataRootFixture, query, stepErrorOf } from './data-root-fixture';
import { zipArchive } from './zip-archive';

let fixture: DataRootFixture;
beforeEach(() => {
  fixture = new DataRootFixture();
});
afterEach(() => {
  fixture.remove();
});

const CSV = 'id,url\n1,http://a/1.jpg\n2,http://a/2.jpg\n';

/** The file's bytes as the readers get them. */
async function unpacked(content: Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  const file = fixture.path(fixture.write('packed', content));
  for await (const chunk of readBytes({ file, name: 'packed' })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const [LAST, RAW, RUN] = [1, 0, 1];

/** A zstd frame: blocks of the bytes as they are, or of one byte 131,072 times. */
function zstdFrame(blocks: readonly (string | { readonly times: string })[]): Buffer {
  const parts = [Buffer.from('28b52ffd0058', 'hex')];
  for (const [index, block] of blocks.entries()) {
    const isRun = typeof block !== 'string';
    const data = Buffer.from(isRun ? block.times : block);
    const size = isRun ? 131_072 : data.length;
    const isLast = index === blocks.length - 1;
    const header = Buffer.alloc(3);
    header.writeUIntLE((isLast ? LAST : 0) | ((isRun ? RUN : RAW) << 1) | (size << 3), 0, 3);
    parts.push(header, data);
  }
  return Buffer.concat(parts);
}

describe('zstd', () => {
  it('is unpacked, also in several frames', async () => {
    expect(await unpacked(zstdFrame(['id,', 'url\n']))).toBe('id,url\n');
    const two = Buffer.concat([zstdFrame(['id,url\n']), zstdFrame(['1,http://a/\n'])]);
    expect(await unpacked(two)).toBe('id,url\n1,http://a/\n');
    expect((await unpacked(zstdFrame(['a', { times: 'b' }]))).length).toBe(131_073);
  });

  it('that is cut short is refused', async () => {
    const error = await stepErrorOf(unpacked(zstdFrame([CSV]).subarray(0, -5)));
    expect(error).toMatchObject({ code: 'catalog_format' });
    expect(error.message).toContain('zstd that is damaged or cut short');
  });
});

describe('a zip archive', () => {
  it('is read when it has one catalog beside other files', async () => {
    const files = {
      ...{ '__MACOSX/._works.csv': 'x', 'folder/.DS_Store': 'x', 'README.txt': 'Read me.' },
      ...{ 'folder/works.csv': CSV, 'licence.pdf': '%PDF' },
    };
    const catalog = fixture.write('works.csv.zip', zipArchive(files));
    expect(await fixture.parse(catalog)).toMatchObject({ rows: 2, images: 2 });
  });

  it('of a Parquet file is unpacked too', async () => {
    const file = fixture.path('x.parquet');
    await query(`COPY (SELECT 'a' AS id, 'http://a/' AS url) TO '${file}' (FORMAT parquet)`);
    const catalog = fixture.write('x.zip', zipArchive({ 'x.parquet': readFileSync(file) }));
    expect(await fixture.parse(catalog, { format: 'parquet' })).toMatchObject({ images: 1 });
  });

  it.each([
    ['several catalogs', { 'a.csv': CSV, 'b.csv': CSV }, '2 files (a.csv, b.csv)'],
    ['no file', {}, 'zip archive without files'],
    ['a workbook', { '[Content_Types].xml': '', 'xl/workbook.xml': '' }, 'CSV UTF-8'],
    ['an OpenDocument sheet', { mimetype: '', 'content.xml': '' }, 'CSV UTF-8'],
    ['gzip', { 'a.csv': gzipSync(CSV) }, 'gzip inside another packed file'],
  ])('of %s is refused, and the message says what to do', async (_, files, said) => {
    const archive = zipArchive(files);
    const start = Object.keys(files).length === 0 ? zipArchive({ 'x/': '' }) : archive;
    const error = await stepErrorOf(fixture.parse(fixture.write('x.csv.zip', start)));
    expect(error).toMatchObject({ code: 'catalog_format' });
    expect(error.message).toContain(said);
  });

  it('of several catalogs is read when the input names one of them, and otherwise refused with their names', async () => {
    const files = { 'd/a.csv': CSV, 'd/b b.csv': 'id,url\n9,http://b/9.jpg\n' };
    const catalog = fixture.write('x.csv.zip', zipArchive(files));
    await fixture.parse(catalog, { member: 'd/b b.csv' });
    expect(await fixture.images()).toEqual([['9', 'http://b/9.jpg']]);

    const none = await stepErrorOf(fixture.parse(catalog));
    expect(none.message).toContain("--member d/a.csv or --member 'd/b b.csv'");
    const wrong = await stepErrorOf(fixture.parse(catalog, { member: 'a.csv' }));
    expect(wrong.message).toContain(
      'without "a.csv" (`member`, --member). It has d/a.csv, d/b b.csv',
    );
    const plain = fixture.write('plain.csv', CSV);
    const notZip = await stepErrorOf(fixture.parse(plain, { member: 'a.csv' }));
    expect(notZip.message).toContain('is no zip archive');
  });

  it.each([
    ['cut short', (archive: Buffer) => archive.subarray(0, -30)],
    ['changed', (archive: Buffer) => archive.map((byte, at) => (at === 40 ? byte ^ 1 : byte))],
  ])('that is %s is refused', async (_, damage) => {
    const error = await stepErrorOf(unpacked(Buffer.from(damage(zipArchive({ 'a.csv': CSV })))));
    expect(error).toMatchObject({ code: 'catalog_format' });
    expect(error.message).toContain('zip that is damaged or cut short');
  });
});

describe('a file that is made to unpack without end', () => {
  it.each([
    ['zstd', () => zstdFrame(Array.from({ length: 4_000 }, () => ({ times: '\n' })))],
    ['gzip', () => gzipSync(Buffer.alloc(300 << 20, '\n'), { level: 1 })],
    ['zip', () => zipArchive({ 'a.csv': Buffer.alloc(300 << 20, '\n') })],
  ])('is refused before it is unpacked whole: %s', async (packing, make) => {
    const file = fixture.path(fixture.write('bomb', make()));
    let bytes = 0;
    const read = async (): Promise<void> => {
      for await (const chunk of readBytes({ file, name: 'bomb' })) bytes += chunk.length;
    };
    const error = await stepErrorOf(read());
    expect(error.message).toContain(`${packing} that unpacks to more than 200 times its size`);
    expect(bytes).toBeLessThan(300 << 20);
  });
});

describe('a zip archive that is not read', () => {
  it.each([
    ['with a password', 8, 1, 'a zip archive with a password: unpack it'],
    ['of another method', 10, 12, 'packed by method 12, which is not read: unpack it'],
  ])('is refused with what to do: one %s', async (_, offset, value, said) => {
    const archive = zipArchive({ 'a.csv': CSV });
    archive.writeUInt16LE(value, archive.indexOf('PK\x01\x02') + offset);
    const error = await stepErrorOf(fixture.readText(archive));
    expect(error.message).toContain(said);
  });

  it.each([
    [
      'a document',
      { 'a.xml': '', 'word/document.xml': '<w/>' },
      'is a document (docx, pptx, epub)',
    ],
    ['a shapefile', { 'a.shp': 'x', 'a.dbf': 'y' }, '/vsizip/FILE'],
  ])('is refused with what to do: %s', async (_, files, said) => {
    const error = await stepErrorOf(fixture.readText(zipArchive(files)));
    expect(error.message).toContain(said);
  });
});

describe('a tar archive', () => {
  it.each([
    ['plain', (archive: Buffer) => archive],
    ['in gzip', gzipSync],
  ])('is refused with what to do: %s', async (_, pack) => {
    const archive = Buffer.alloc(1024);
    archive.write('works.csv');
    archive.write('ustar', 257);
    const error = await stepErrorOf(fixture.readText(pack(archive)));
    expect(error.message).toContain(
      'is a tar archive: unpack it into a folder, and name the folder',
    );
  });
});

describe('a file that is no catalog', () => {
  it.each<[string, string | Buffer, string]>([
    ['SQLite', 'SQLite format 3\0\x10', 'sqlite3 -header -csv FILE'],
    ['DuckDB', '\0\0\0\0\0\0\0\0DUCK', 'is a database of DuckDB'],
    ['Feather', 'ARROW1\0\0', 'read_feather'],
    ['a stream of Arrow', Buffer.from('ffffffff90030000', 'hex'), 'read_feather'],
    ['ORC', 'ORC\n\x06\x12', 'read_orc'],
    ['Avro', 'Obj\x01\x04', 'is Avro'],
    ['a pickle', Buffer.from('8005956a03', 'hex'), 'read_pickle'],
    ['NumPy', Buffer.from('934e554d5059', 'hex'), 'is an array of NumPy'],
    ['R', 'RDX3\nX\n', 'is data of R'],
    ['Stata', '<stata_dta><header>', 'is data of SPSS or Stata'],
    ['a JPEG', Buffer.from('ffd8ffe0', 'hex'), 'is an image'],
    ['a 7z archive', Buffer.from('377abcaf271c', 'hex'), 'is an archive'],
    ['lz4', Buffer.from('04224d18', 'hex'), 'is packed'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'git lfs pull'],
    ['a web archive', 'WARC/1.0\r\n', 'is a web archive'],
    ['a web page', '\uFEFF\n<!DOCTYPE html>\n<html>', 'is a web page'],
    ['a table in HTML', '<table><tr><td>', 'is a web page'],
    ['an error of a store', '<?xml version="1.0"?>\n<Error>', 'is XML'],
    ['a sitemap', '<?xml version="1.0"?>\n<urlset xmlns=', 'is a sitemap'],
    ['a dump of MySQL', '-- MySQL dump 10.13\n', 'is a dump of an SQL database'],
    ['a dump of PostgreSQL', '--\n-- PostgreSQL database dump\n--\n', 'is a dump'],
    ['statements of SQL', '/* works */\nINSERT INTO works VALUES', 'is a dump'],
    ['XML without a declaration', '<lido:wrap xmlns:lido="x">\n <lido:lido>', 'is XML'],
    ['rows of a table in XML', '<ROWSET>\n<ROW num="1"><URL>', 'is XML'],
    ['a call with JSON', '/*O_o*/\nshow({"photos":', 'is JavaScript'],
    ['an archive of a network', 'window.a.part0 = [ {\n "x":', 'is JavaScript'],
    ['MARC', '01142cam  2200301 a 4500001001300000\x1e', 'is MARC'],
    ['MARC as text', '=LDR  01142cam\n=245  10$aA\n', 'is MARC'],
    ['N-Triples', '<http://a/A> <http://b/c> <http://a/1.jpg> .\n', 'is RDF'],
    ['Turtle', '@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n', 'is RDF'],
    ['YAML', '- id: 1\n  url: http://a/1.jpg\n', 'is YAML'],
    ['a key with YAML', '---\nworks:\n  - id: 1\n', 'is YAML'],
    ['records of sqlite3', '   id = 1\n  url = x\n\n   id = 2\n', 'has each value in a line'],
    ['records of mysql', '***** 1. row *****\n  id: 1\n', 'has each value in a line'],
    ['records of psql', '-[ RECORD 1 ]--\nid | 1\n', 'has each value in a line'],
    ['Parquet with encrypted metadata', 'PARE\0\0', 'is Parquet with encrypted metadata'],
    [
      'dBase',
      Buffer.from('037a041b03000000410032000000000000000000', 'hex'),
      'ogr2ogr -f CSV works.csv FILE',
    ],
    ['BSON', Buffer.from('3c000000025f69640005000000', 'hex'), 'bsondump FILE'],
    ['TFRecord', Buffer.from('28000000000000006162636b0a260a24', 'hex'), 'is TFRecord'],
    ['a property list', 'bplist00\u00d1', 'plutil -convert json'],
    ['MATLAB', 'MATLAB 5.0 MAT-file, Platform', 'is data of MATLAB or SAS'],
    ['SAS', 'HEADER RECORD*******LIBRARY', 'is data of MATLAB or SAS'],
    ['a box of DuckDB', '\u250c\u2500\u2500\u2510\n', 'is a table that is drawn with lines'],
    ['a table of MySQL', '+----+-----+\n| id | url |\n', 'is a table that is drawn with lines'],
    ['a table of MediaWiki', '{| class="wikitable"\n! id !! url\n', 'is a table of a wiki'],
    ['a table of Jira', '||id||url||\n|1|http://a/|\n', 'is a table of a wiki'],
    ['RIS', 'TY  - ART\r\nID  - 1\r\n', 'is a bibliography'],
    ['BibTeX', '@misc{a,\n title = {T},\n', 'is a bibliography'],
    ['ARFF', '% a comment\n@RELATION works\n', 'is ARFF'],
    ['TOML', '[[works]]\nid = 1\n', 'is TOML or an INI file'],
    ['an INI file', '[work1]\r\nid=1\r\n', 'is TOML or an INI file'],
    ['PGP', '-----BEGIN PGP MESSAGE-----\n', 'gpg --decrypt FILE'],
    ['an e-mail', 'From: a@b.example\nTo: c@d.example\n', 'is an e-mail'],
    ['a prefix of Google', `)]}'\n[{"id":1}]`, 'is JSON behind a prefix'],
    ['a prefix of Facebook', 'for (;;);{"payload":[]}', 'is JSON behind a prefix'],
    ['JSON with comments', '// May\n[ /* one */ {"id":1}]', 'npx json5 FILE'],
    ['JSON5', "[{id:1,url:'http://a/1.jpg'}]", 'npx json5 FILE'],
    ['UTF-32', Buffer.from('fffe000069000000', 'hex'), 'iconv -f UTF-32'],
    ['UTF-32 without a mark', Buffer.from('0000006900000064', 'hex'), 'iconv -f UTF-32'],
  ])('is named with what to do: %s', (_, begins, said) => {
    const refuse = (): void => {
      refuseForeign(Buffer.from(begins), 'works.csv');
    };
    expect(refuse).toThrow(`The catalog works.csv ${/^(?:is|has) /.test(said) ? said : ''}`);
    expect(refuse).toThrow(said);
  });

  it.each([
    'ORCID,url\n',
    'Set,Insert into,url\n',
    '<title>,url\n',
    '<http://a/1.jpg>\n',
    '-- id,url\n',
    'PK,url\n',
    '<b>id</b>,<b>url</b>\n',
    '<img src="http://a/1.jpg">\n<img src="http://a/2.jpg">\n',
    '<http://a/1>\t<http://a/2>\t<http://a/3>\n',
    'f(x),url\n1,[{}]\n',
    '- [One](http://a/1.jpg)\n',
    '=IMAGE("http://a/1.jpg")\n',
    '12345,22222,45\n',
    'id = key,url\n',
    'MATLAB,url\n',
    'HEADER,url\n',
    'From: place,To: place,url\n1,2,3\n',
    '[a],url\nb=1,c\n',
    '{id: 1},url\n',
    '|id|url|\n|1|2|\n',
    '@id{x},url\n',
    '// id,url\n',
    '[http://a/1.jpg]\n',
    '1,\n\u0003\n',
    'id,url\r\n1,\0\n',
  ])('is not recognised in a CSV file whose header begins as one does: %j', (begins) => {
    refuseForeign(Buffer.from(begins), 'works.csv');
  });
});

describe('old spreadsheets', () => {
  it('are refused with what to do', async () => {
    const error = await stepErrorOf(fixture.readText(Buffer.from('d0cf11e0a1b11ae1', 'hex')));
    expect(error.message).toContain('save its sheet as "CSV UTF-8"');
  });
});
