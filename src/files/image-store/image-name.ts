/**
 * File names made from image ids. The mapping is injective and portable, and keeps harmless ids
 * readable.
 *
 * Lower-case ASCII letters, digits, `-` and `_` stand for themselves, `+a` stands for `A`, and
 * `=xx` for any other byte of the id's UTF-8 form. The names contain only lower-case ASCII and have
 * one normal form, so no file system can merge two of them. Every name can be decoded, except for
 * hashed ones (`=h…` for an id that is too long, `=u…` for one that is not valid Unicode). No other
 * name can begin with these marks.
 */
import { createHash } from 'node:crypto';

/**
 * Longest name in bytes. A file name may have 255 bytes; `.`, 12 hex digits, `.` and the longest
 * extension fit into the rest.
 */
const MAX_NAME_BYTES = 200;

/**
 * Reserved device names of Windows, which are reserved with any extension.
 *
 * @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
const RESERVED_DEVICE_NAMES = /^(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)$/;

/** The name for an id, without hash and extension. */
export function imageName(id: string): string {
  if (!isWellFormed(id)) return `=u${sha256(Buffer.from(id, 'utf16le'))}`;
  const name = escapeFirstCharacter([...Buffer.from(id, 'utf8')].map(encodeByte).join(''));
  return name.length > MAX_NAME_BYTES || name === ''
    ? `=h${sha256(Buffer.from(id, 'utf8'))}`
    : name;
}

interface NamedImage {
  readonly id: string;
  readonly sha256: string;
  readonly extension: string;
}

/**
 * `raw/images/thumbs/<aaa>/<name>.<first 12 hex of sha256>.<ext>`, relative to the data root.
 *
 * There are 4,096 folders. With more, nearly every image would need a folder of its own. With
 * fewer, each would have more than 2,500 of ten million images.
 */
export function imagePath(image: NamedImage): string {
  return `${THUMBS}/${shardHash(image).slice(0, 3)}/${fileName(image)}`;
}

/**
 * The path that programs before decision 0047 used for the same image: `<aa>/<bb>/` instead of
 * `<aaa>/`. Images which are stored there stay there.
 */
export function olderImagePath(image: NamedImage): string {
  const shard = shardHash(image);
  return `${THUMBS}/${shard.slice(0, 2)}/${shard.slice(2, 4)}/${fileName(image)}`;
}

const THUMBS = 'raw/images/thumbs';

function shardHash({ id }: NamedImage): string {
  return sha256(Buffer.from(id, 'utf16le'));
}

function fileName({ id, sha256: hash, extension }: NamedImage): string {
  return `${imageName(id)}.${hash.slice(0, 12)}.${extension}`;
}

/**
 * False for ids with lone surrogates. UTF-8 encodes each of them as the same replacement character.
 */
function isWellFormed(id: string): boolean {
  return Buffer.from(id, 'utf8').toString('utf8') === id;
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9_-]/.test(character)) return character;
  if (/[A-Z]/.test(character)) return `+${character.toLowerCase()}`;
  return escapeByte(byte);
}

/**
 * Escapes the first character of names that other programs treat specially: commands read a leading
 * `-` as an option, and Windows opens a device.
 */
function escapeFirstCharacter(name: string): string {
  if (!name.startsWith('-') && !RESERVED_DEVICE_NAMES.test(name)) return name;
  return escapeByte(name.charCodeAt(0)) + name.slice(1);
}

function escapeByte(byte: number): string {
  return `=${byte.toString(16).padStart(2, '0')}`;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
