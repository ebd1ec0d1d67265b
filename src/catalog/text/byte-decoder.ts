/** Decodes whole stretches of bytes, in the encodings of the WHATWG Encoding Standard. */
import { TextDecoder } from 'node:util';

export interface ByteDecoder {
  /** The standard's name of the encoding. */
  readonly encoding: string;
  /** @throws TypeError if the decoder is fatal and the bytes are not valid. */
  decode(bytes: Buffer): string;
}

/**
 * The characters of the bytes 0x80 to 0x9f.
 *
 * @see https://encoding.spec.whatwg.org/index-windows-1252.txt
 */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/**
 * Decodes windows-1252, in which every byte is a character. Before version 24, the TextDecoder of
 * Node.js decodes it as ISO 8859-1, in which these bytes are control characters.
 */
const windows1252: ByteDecoder = {
  encoding: 'windows-1252',
  decode: (bytes) =>
    bytes
      .toString('latin1')
      .replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252.charAt(byte.charCodeAt(0) - 0x80)),
};

/**
 * Creates a decoder that keeps byte order marks.
 *
 * @param options.fatal whether bytes that are not valid in the encoding are errors.
 * @throws RangeError if the encoding is not in the standard.
 */
export function byteDecoder(encoding: string, { fatal }: { readonly fatal: boolean }): ByteDecoder {
  const decoder = new TextDecoder(encoding, { fatal, ignoreBOM: true });
  return decoder.encoding === windows1252.encoding ? windows1252 : decoder;
}
