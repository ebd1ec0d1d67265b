/**
 * File names made from ids: injective, portable, readable where the id is harmless.
 *
 * Lower-case ASCII letters, digits, `-` and `_` stand for themselves, `+a` for `A`, `=xx` for any other byte of the id's
 * UTF-8. What comes out has one case and one normal form, so no file system can merge two names. Decoding is possible for
 * every name but the hashed ones (`=h…`: too long, `=u…`: not valid Unicode), whose mark no other name can contain.
 */
import { createHash } from 'node:crypto';

/** 255 bytes less `.`, 12 hex, `.`, and the longest extension, with room to spare. **Units** bytes. */
const LONGEST = 200;

/** **Source** Windows' reserved device names; they are reserved with any extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)$/;

/** The name of an id, without hash and extension. */
export function imageName(id: string): string {
  if (!isWellFormed(id)) return `=u${sha256(Buffer.from(id, 'utf16le'))}`;
  const name = escapeFirst([...Buffer.from(id, 'utf8')].map(encodeByte).join(''));
  return name.length > LONGEST || name === '' ? `=h${sha256(Buffer.from(id, 'utf8'))}` : name;
}

interface NamedImage {
  readonly id: string;
  readonly sha256: string;
  readonly extension: string;
}

/**
 * `raw/images/thumbs/<aaa>/<name>.<first 12 hex of sha256>.<ext>`, relative to the data root. 4,096 folders: with more, nearly every image
 * would cost a folder of its own, and with fewer, ten million images would have more than 2,500 in each.
 */
export function imagePath(image: NamedImage): string {
  return `${THUMBS}/${shardOf(image).slice(0, 3)}/${fileName(image)}`;
}

/** Where programs before 0047 put the same image: `<aa>/<bb>/` instead of `<aaa>/`. What is there stays there. */
export function olderImagePath(image: NamedImage): string {
  const shard = shardOf(image);
  return `${THUMBS}/${shard.slice(0, 2)}/${shard.slice(2, 4)}/${fileName(image)}`;
}

const THUMBS = 'raw/images/thumbs';

function shardOf({ id }: NamedImage): string {
  return sha256(Buffer.from(id, 'utf16le'));
}

function fileName({ id, sha256: hash, extension }: NamedImage): string {
  return `${imageName(id)}.${hash.slice(0, 12)}.${extension}`;
}

/** False for lone surrogates, which UTF-8 would all turn into the same replacement character. */
function isWellFormed(id: string): boolean {
  return Buffer.from(id, 'utf8').toString('utf8') === id;
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9_-]/.test(character)) return character;
  if (/[A-Z]/.test(character)) return `+${character.toLowerCase()}`;
  return hex(byte);
}

/** A leading `-` looks like an option; a device's name is no file on Windows. */
function escapeFirst(name: string): string {
  if (!name.startsWith('-') && !RESERVED.test(name)) return name;
  return hex(name.charCodeAt(0)) + name.slice(1);
}

function hex(byte: number): string {
  return `=${byte.toString(16).padStart(2, '0')}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
