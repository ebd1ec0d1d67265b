/** Draws the picture of an artwork from its row: a real JPEG, different for every id, always the same for one. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';

/** What is written into the picture. */
export interface Artwork {
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly date: string;
}

/** **Units** pixels. */
const WIDTH = 240;
const HEIGHT = 180;
const LONGEST_TEXT = 32;

/** One in so many is twice as wide and high: large enough that a decoder process checks it, not the worker itself. */
const LARGE_ONE_IN = 8;

/** **Units** dots per inch; 72 is one pixel a pixel. */
const DENSITY = 72;

export function drawThumbnail(artwork: Artwork): Promise<Buffer> {
  const digest = createHash('sha256').update(artwork.id).digest();
  const isLarge = digest.readUInt16BE(28) % LARGE_ONE_IN === 0;
  return sharp(Buffer.from(svgOf(artwork, digest)), { density: isLarge ? 2 * DENSITY : DENSITY })
    .jpeg({ quality: 82 })
    .toBuffer();
}

function svgOf({ id, title, artist, date }: Artwork, digest: Buffer): string {
  const shapes = [4, 8, 12, 16].map((at) => shape(digest.subarray(at, at + 4)));
  const label = (y: number, size: number, text: string): string =>
    `<text x="10" y="${y}" font-family="serif" font-size="${size}">${escaped(text)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="${HEIGHT}" fill="hsl(${hue(digest, 0)},35%,82%)"/>${shapes.join('')}
    ${label(24, 14, title)}${label(146, 12, artist)}${label(162, 11, date)}${label(174, 9, `no. ${id}`)}</svg>`;
}

function shape(bytes: Buffer): string {
  const [x = 0, y = 0, size = 0] = bytes;
  return `<circle cx="${x % WIDTH}" cy="${40 + (y % 90)}" r="${10 + (size % 40)}" fill="hsl(${hue(bytes, 3)},55%,50%)" fill-opacity="0.7"/>`;
}

function hue(bytes: Buffer, at: number): number {
  return Math.round(((bytes[at] ?? 0) / 256) * 360);
}

function escaped(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
