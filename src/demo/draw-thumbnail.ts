/**
 * Draws the image of an artwork from its row: a real JPEG that differs for every id, and is always
 * the same for one id.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

/** The text in the image. */
export interface Artwork {
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly date: string;
}

/** The size of the image in pixels, and the most characters of a text. */
const WIDTH = 240;
const HEIGHT = 180;
const LONGEST_TEXT = 32;

/**
 * One image in this many is twice as wide and high, so that a decoder process checks it and not the
 * worker itself.
 */
const LARGE_ONE_IN = 8;

/** The density in dots per inch. 72 gives one pixel for each unit. */
const DENSITY = 72;

export function drawThumbnail(artwork: Artwork): Promise<Buffer> {
  const digest = createHash('sha256').update(artwork.id).digest();
  const isLarge = digest.readUInt16BE(28) % LARGE_ONE_IN === 0;
  return sharp(Buffer.from(drawSvg(artwork, digest)), { density: isLarge ? 2 * DENSITY : DENSITY })
    .jpeg({ quality: 82 })
    .toBuffer();
}

function drawSvg({ id, title, artist, date }: Artwork, digest: Buffer): string {
  const shapes = [4, 8, 12, 16].map((at) => drawCircle(digest.subarray(at, at + 4)));
  const label = (y: number, size: number, text: string): string =>
    `<text x="10" y="${y}" font-family="serif" font-size="${size}">${escapeText(text)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="${HEIGHT}" fill="hsl(${hueAt(digest, 0)},35%,82%)"/>${shapes.join('')}
    ${label(24, 14, title)}${label(146, 12, artist)}${label(162, 11, date)}${label(174, 9, `no. ${id}`)}</svg>`;
}

function drawCircle(bytes: Buffer): string {
  const [x = 0, y = 0, size = 0] = bytes;
  return `<circle cx="${x % WIDTH}" cy="${40 + (y % 90)}" r="${10 + (size % 40)}" fill="hsl(${hueAt(bytes, 3)},55%,50%)" fill-opacity="0.7"/>`;
}

function hueAt(bytes: Buffer, at: number): number {
  return Math.round(((bytes[at] ?? 0) / 256) * 360);
}

function escapeText(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
