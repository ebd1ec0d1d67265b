/**
 * Recognises images of kinds that are neither decoded nor kept, so that they are named and not
 * taken for pages or damaged files.
 */

/** The beginnings of files in hex. */
const BINARY: readonly (readonly [beginning: RegExp, name: string])[] = [
  [/^425047fb/, 'BPG'],
  [/^444453207c000000/, 'DDS'],
  [/^ab4b5458203[12]3[01]bb0d0a1a0a/, 'KTX'],
  [/^4949bc0[01]/, 'JPEG XR'],
  [/^8a4d4e470d0a1a0a/, 'MNG'],
  [/^8b4a4e470d0a1a0a/, 'JNG'],
  [/^762f3101/, 'OpenEXR'],
  [/^01da0[01]0[12]000[123]/, 'SGI'],
  [/^59a66a95/, 'Sun raster'],
  [/^0a0[02345]0[01]0[1248]/, 'PCX'],
  [/^01000000.{72}20454d46/, 'EMF'],
  [/^d7cdc69a0000/, 'WMF'],
  [/^c5d0d3c6/, 'EPS with a preview'],
  [/^(4241.{24})?(424d|4943|4349|4350|5054).{24}(0c|10|40)000000/, 'a bitmap or icon of OS/2'],
  [/^(4949524f|49495253|4d4d4f52)/, 'a raw image of a camera (ORF)'],
  [/^49495500/, 'a raw image of a camera (RW2)'],
  [/^49491a00000048454150/, 'a raw image of a camera (CRW)'],
  [/^004d524d/, 'a raw image of a camera (MRW)'],
  [/^6d736964/, 'MrSID'],
  [/^(53445058|58504453)/, 'DPX'],
  [/^802a5fd7/, 'Cineon'],
  [/^13aba15c/, 'ASTC'],
  [/^010009000003/, 'WMF'],
];

/** The beginnings of files as Latin-1 text. */
const TEXTUAL: readonly (readonly [beginning: RegExp, name: string])[] = [
  [/^qoif/, 'QOI'],
  [/^farbfeld/, 'farbfeld'],
  [/^FLIF/, 'FLIF'],
  [/^#\?(RADIANCE|RGBE)\r?\n/, 'Radiance HDR'],
  [/^P[1-6](\s+(#[^\n]*\n)?)+\d+(\s+(#[^\n]*\n)?)+\d+\s/, 'Netpbm'],
  [/^P7\n(#[^\n]*\n)*(WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE) /, 'Netpbm (PAM)'],
  [/^P[Ff]\n\d+\s+\d+\n-?[\d.]+\n/, 'PFM'],
  [/^PG [ML][ML]\s/, 'PGX'],
  [/^\/\* XPM \*\//, 'XPM'],
  [/^(\/\*[^]*?\*\/\s*)?#define \w+_width \d+\s+#define \w+_height \d+\s/, 'XBM'],
  [/^gimp xcf /, 'XCF (GIMP)'],
  [/^icns[^]{4}[\w# ]{4}/, 'ICNS'],
  [/^RIFF[^]{4}ACON/, 'ANI'],
  [/^FORM[^]{4}(ILBM|PBM )/, 'IFF (ILBM)'],
  [/^AT&TFORM[^]{4}DJV[UM]/, 'DjVu'],
  [/^[^]{128}DICM/, 'DICOM'],
  [/^SIMPLE {2}= +T/, 'FITS'],
  [/^NITF0[12]\./, 'NITF'],
  [/^BLP[12]/, 'BLP'],
  [/^[^]{4}ftypcrx /, 'a raw image of a camera (CR3)'],
  [/^FUJIFILMCCD-RAW /, 'a raw image of a camera (RAF)'],
  [/^FOVb/, 'a raw image of a camera (X3F)'],
];

/** The last of the binary beginnings ends here. */
const BINARY_BYTES = 64;

/**
 * The name of the kind; null for a file that is no image.
 *
 * @param head the first bytes of the file.
 * @param fileBytes the size of the file in bytes.
 */
export function otherImageKind(head: Buffer, fileBytes: number): string | null {
  const [hex, text] = [head.toString('hex', 0, BINARY_BYTES), head.toString('latin1')];
  const found =
    BINARY.find(([beginning]) => beginning.test(hex)) ??
    TEXTUAL.find(([beginning]) => beginning.test(text));
  if (found !== undefined) return found[1];
  if (isTga(head, fileBytes)) return 'TGA';
  return isWbmp(head, fileBytes) ? 'WBMP' : null;
}

/** The types of a TGA that are not compressed, and those that are. */
const PLAIN_TGA = [1, 2, 3];
const COMPRESSED_TGA = [9, 10, 11];

/**
 * A TGA has no signature, so every field must have an allowed value, and the pixels must fit into
 * the file.
 *
 * @see Truevision TGA 2.0, fields 1 to 5.
 */
function isTga(head: Buffer, fileBytes: number): boolean {
  if (head.length < 18) return false;
  const [idBytes = 0, mapType = 0, type = 0] = head;
  const mapEntries = head.readUInt16LE(5);
  const mapBits = head.readUInt8(7);
  const [width, height] = [head.readUInt16LE(12), head.readUInt16LE(14)];
  const [depth = 0, descriptor = 0] = head.subarray(16);
  const hasMap = mapType === 1;
  const isMapped = type === 1 || type === 9;
  if (isMapped !== hasMap || mapType > 1 || width === 0 || height === 0) return false;
  if (hasMap ? ![15, 16, 24, 32].includes(mapBits) : !head.subarray(3, 8).equals(NO_MAP))
    return false;
  if (!(isMapped ? [8, 16] : [8, 15, 16, 24, 32]).includes(depth) || descriptor > 0x3f)
    return false;
  const headerBytes = 18 + idBytes + mapEntries * Math.ceil(mapBits / 8);
  if (COMPRESSED_TGA.includes(type)) return fileBytes > headerBytes;
  const pixelBytes = width * height * Math.ceil(depth / 8);
  return PLAIN_TGA.includes(type) && fileBytes >= headerBytes + pixelBytes;
}

const NO_MAP = Buffer.alloc(5);

/**
 * A WBMP has no signature either: two zeros, width and height in groups of seven bits, and exactly
 * its rows.
 *
 * @see WAP-237, Wireless Application Environment, appendix A.
 */
function isWbmp(head: Buffer, fileBytes: number): boolean {
  if (head.length < 5 || head.readUInt16BE(0) !== 0) return false;
  const numbers: number[] = [];
  let offset = 2;
  for (let value = 0; numbers.length < 2 && offset < Math.min(head.length, 8); offset += 1) {
    const byte = head.readUInt8(offset);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  const [width = 0, height = 0] = numbers;
  return width > 0 && height > 0 && fileBytes === offset + Math.ceil(width / 8) * height;
}
