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

/** `raw/images/thumbs/<aa>/<bb>/<name>.<first 12 hex of sha256>.<ext>`, relative to the data root. */
export function imagePath(options: {
  readonly id: string;
  readonly sha256: string;
  readonly extension: string;
}): string {
  const shard = sha256(Buffer.from(options.id, 'utf16le'));
  const file = `${imageName(options.id)}.${options.sha256.slice(0, 12)}.${options.extension}`;
  return `raw/images/thumbs/${shard.slice(0, 2)}/${shard.slice(2, 4)}/${file}`;
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
