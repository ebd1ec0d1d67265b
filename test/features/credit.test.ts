/** Title, maker and rights of pictures, from XMP and IPTC of real and hostile files. */
import sharp from 'sharp';
import { pictureMetadata } from '../../src/features/metadata/picture-metadata';
import { readIptc } from '../../src/features/metadata/read-iptc';
import { readXmp } from '../../src/features/metadata/read-xmp';
import { readMetadataBlocks } from '../../src/images/metadata-blocks';

const NAMESPACES = [
  'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"',
  'xmlns:cc="http://creativecommons.org/ns#"',
].join(' ');
const CC0 = 'http://creativecommons.org/publicdomain/zero/1.0/';

function packet(properties: string, attributes = ''): string {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
    <rdf:RDF ${NAMESPACES}><rdf:Description rdf:about="" ${attributes}>${properties}</rdf:Description></rdf:RDF>
    </x:xmpmeta><?xpacket end="w"?>`;
}

const LISTS = packet(
  `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">The Fall &amp; the &#x201C;Rise&#8221;</rdf:li>
     <rdf:li xml:lang="de">Der Fall</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>Ann Brontë</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>
   <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© A museum</rdf:li></rdf:Alt></dc:rights>
   <cc:license rdf:resource="${CC0}"/><xmpRights:WebStatement>http://a.example/terms</xmpRights:WebStatement>`,
);
const CREDIT = {
  title: 'The Fall & the “Rise”',
  creator: 'Ann Brontë; Bob',
  copyright: '© A museum',
  licence: CC0,
};

const blank = (): sharp.Sharp =>
  sharp({ create: { width: 8, height: 6, channels: 3, background: 'teal' } });
const fromXmp = (xml: string) =>
  pictureMetadata({ exif: null, xmp: Buffer.from(xml), iptc: null }).metadata;

async function metadataOf(bytes: Buffer): Promise<object | null> {
  return pictureMetadata(await readMetadataBlocks(bytes, { pixels: 1e8 })).metadata;
}

/** A dataset of the record of editors. */
function dataset(number: number, text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.from([0x1c, 2, number, 0, 0]);
  head.writeUInt16BE(bytes.length, 3);
  return Buffer.concat([head, bytes]);
}

/** A resource of Photoshop without a name. */
function resource(number: number, contents: Buffer): Buffer {
  const head = Buffer.from('8BIM\0\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16BE(number, 4);
  head.writeUInt32BE(contents.length, 8);
  return Buffer.concat([head, contents, Buffer.alloc(contents.length % 2)]);
}

const IPTC = Buffer.concat([
  Buffer.from('Photoshop 3.0\0', 'latin1'),
  resource(0x03ed, Buffer.from('resolution')),
  resource(
    0x0404,
    Buffer.concat([
      dataset(5, 'A title'),
      dataset(80, Buffer.from('Ann Bront\u00eb', 'latin1')),
      dataset(80, 'Bob'),
      dataset(116, '© A museum'),
    ]),
  ),
]);

/** Puts the block behind the first two bytes of a JPEG. */
function withIptc(jpeg: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xed, 0, 0]);
  head.writeUInt16BE(IPTC.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, IPTC, jpeg.subarray(2)]);
}

describe('the credit of a picture', () => {
  it.each(['jpeg', 'png', 'webp', 'tiff'] as const)(
    'is read from the XMP of a %s',
    async (format) => {
      const bytes = await blank().withXmp(LISTS).toFormat(format).toBuffer();
      expect(await metadataOf(bytes)).toMatchObject(CREDIT);
    },
  );

  it('is read from the IPTC of a JPEG, in UTF-8 or Latin-1', async () => {
    const bytes = withIptc(await blank().jpeg().toBuffer());
    expect(await metadataOf(bytes)).toEqual({
      title: 'A title',
      creator: 'Ann Brontë; Bob',
      copyright: '© A museum',
    });
  });

  it('is that of XMP where both have a field', async () => {
    const xmp = packet('<dc:title><rdf:Alt><rdf:li>Another title</rdf:li></rdf:Alt></dc:title>');
    const bytes = withIptc(await blank().withXmp(xmp).jpeg().toBuffer());
    expect(await metadataOf(bytes)).toMatchObject({
      title: 'Another title',
      creator: 'Ann Brontë; Bob',
    });
  });

  it('is read from attributes, and with other prefixes', () => {
    expect(
      fromXmp(packet('', `dc:title='A > "B"' dc:rights="R" xmpRights:WebStatement="${CC0}"`)),
    ).toEqual({ title: 'A > "B"', copyright: 'R', licence: CC0 });
    const other = packet('<d:title xmlns:d="http://purl.org/dc/elements/1.1/">T</d:title>');
    expect(fromXmp(other)).toEqual({ title: 'T' });
    expect(fromXmp('<dc:title>no namespace</dc:title>')).toBeNull();
  });

  it('is at most 500 characters of a field, without control characters', () => {
    const title = `\u0007a\n${'🎨'.repeat(2_000)}`;
    const found = fromXmp(packet(`<dc:title>${title}</dc:title>`));
    expect(found?.title).toBe(`a ${'🎨'.repeat(498)}`);
  });
});

describe('a hostile block', () => {
  it('of XML is not expanded, and takes time in proportion to its size', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${packet('<dc:title>&b;&#0;&#x110000;</dc:title>')}`;
    expect(fromXmp(bomb)?.title).toBe('&b;&#0;&#x110000;');
    // Each would take minutes if a part of the text were read again for each of its characters.
    for (const part of [
      '<',
      '<a ',
      '<a b',
      'a',
      '<!--',
      '<a b="',
      '<a =',
      '&',
      '<dc:creator>x',
      ' ',
    ])
      expect(readXmp(Buffer.from(packet(part.repeat(200_000)))).licence).toEqual([]);
  });

  it('of XML is read wherever it is cut or changed', () => {
    const bytes = Buffer.from(LISTS);
    for (let at = 0; at < bytes.length; at += 1) {
      expect(readXmp(bytes.subarray(0, at))).toHaveProperty('title');
      const changed = Buffer.from(bytes);
      changed[at] = 0x3c;
      expect(readXmp(changed)).toHaveProperty('title');
    }
  });

  it('of IPTC is read wherever it is cut or changed', () => {
    expect(readIptc(IPTC).creator).toEqual(['Ann Brontë', 'Bob']);
    for (let at = 0; at < IPTC.length; at += 1) {
      expect(readIptc(IPTC.subarray(0, at))).toHaveProperty('title');
      const changed = Buffer.from(IPTC);
      changed[at] = 255;
      expect(readIptc(changed)).toHaveProperty('title');
    }
  });
});
