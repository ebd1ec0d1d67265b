/** Catalogs that are packed: gzip, zstd and zip, bombs, and archives that are not read. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readBytes } from '../../src/catalog/text/catalog-bytes';
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

describe('gzip', () => {
  const first = gzipSync(CSV);
  const second = gzipSync('3,http://a/3.jpg\n');

  it.each([
    ['several members', Buffer.concat([first, second]), 3, 0],
    ['padding behind it', Buffer.concat([first, Buffer.alloc(1_000)]), 2, 0],
    ['text behind it', Buffer.concat([first, Buffer.from('Thank you.\n')]), 2, 1],
    ['text between members', Buffer.concat([first, Buffer.from('and\n'), second]), 2, 1],
  ])(
    'with %s gives what gunzip gives, and the rest is reported',
    async (_, bytes, images, rejected) => {
      const counts = await fixture.readText(bytes);
      expect(counts).toMatchObject({ rows: images + rejected, images, rejected });
      const reports = fixture
        .rejects()
        .map(({ code, detail }) => `${String(code)}: ${String(detail)}`);
      const told = expect.stringMatching(
        /^bad_row: \d+ bytes follow the end of the gzip/,
      ) as unknown;
      expect(reports).toEqual(rejected > 0 ? [told] : []);
    },
  );

  it('with all fields of a header, and members larger and smaller than what is read at a time', async () => {
    const header = Buffer.from('1f8b081e0000000000030300616263', 'hex');
    const named = Buffer.concat([header, Buffer.from('name\0comment\0'), Buffer.from([0, 0])]);
    const large = randomBytes(3 << 20).toString('hex');
    const members = [Buffer.concat([named, first.subarray(10)]), gzipSync(large), second];
    expect(await unpacked(Buffer.concat(members))).toBe(`${CSV}${large}3,http://a/3.jpg\n`);
  });

  it.each([
    ['a first member', first.subarray(0, -12)],
    ['a trailer', first.subarray(0, -3)],
    ['a second member', Buffer.concat([first, second.subarray(0, -9)])],
    ['the header of a second member', Buffer.concat([first, second.subarray(0, 5)])],
  ])('of which %s is cut short is refused', async (_, bytes) => {
    const error = await stepErrorOf(fixture.readText(bytes));
    expect(error).toMatchObject({ code: 'catalog_format' });
    expect(error.message).toContain('unexpected end of file): fetch the file again');
  });

  it('whose content does not match its checksum is refused', async () => {
    const changed = Buffer.from(first);
    changed.writeUInt8(changed.readUInt8(changed.length - 8) ^ 1, changed.length - 8);
    const error = await stepErrorOf(fixture.readText(changed));
    expect(error.message).toContain('the checksum differs): fetch the file again');
  });
});

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

  it('is unpacked where frames that are to be skipped come first, last, and between others', async () => {
    const skipped = Buffer.from('532a4d180300000061626'.padEnd(22, '3'), 'hex');
    const frames = [
      skipped,
      zstdFrame(['id,url\n']),
      skipped,
      zstdFrame(['1,http://a/\n']),
      skipped,
    ];
    expect(await unpacked(Buffer.concat(frames))).toBe('id,url\n1,http://a/\n');
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

  it('is read when its only catalog has no extension, beside what accompanies exported tables', async () => {
    const files = { 'x/part-00000': CSV, 'x/manifest': '{}', _SUCCESS: '', 'x/LICENSE': 'CC0' };
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

describe('old spreadsheets', () => {
  it('are refused with what to do', async () => {
    const error = await stepErrorOf(fixture.readText(Buffer.from('d0cf11e0a1b11ae1', 'hex')));
    expect(error.message).toContain('save its sheet as "CSV UTF-8"');
  });
});
