/** A server with pictures, some of which are copies of others, and a catalog of them. */
import fs from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { reply, startLyingServer, type LyingServer } from '../hosts/lying-server';
import { seededNumbers } from '../seeded-random';

const SIZE = { width: 400, height: 300 };
const SPOTS = 24;

/** How many of the pictures have a copy, smaller and more compressed. */
const RESIZED = 3;

export interface PlantedCopies {
  readonly server: LyingServer;
  /** The URL of each image, by its id. */
  readonly images: Readonly<Record<string, string>>;
  /** Serves one more picture. */
  add(id: string, picture: Buffer): void;
}

/**
 * Serves `count` different pictures (`own0` and so on); `copy0` and `copy0again`, which have the
 * bytes of `own0`; `small0` to `small2`, which are `own0` to `own2` in another size, and more
 * compressed; and `plain`, of one colour.
 */
export async function startPlantedCopies(count: number): Promise<PlantedCopies> {
  const server = await startLyingServer();
  const images: Record<string, string> = {};
  const add = (id: string, picture: Buffer): void => {
    images[id] = `http://127.0.0.1:${server.port}/${id}`;
    server.answer(`/${id}`, reply('200 OK', { 'content-type': 'image/jpeg' }, picture));
  };
  for (let n = 0; n < count; n += 1) {
    const own = await softPicture(n);
    add(`own${n}`, own);
    if (n === 0) for (const id of ['copy0', 'copy0again']) add(id, own);
    if (n < RESIZED)
      add(`small${n}`, await sharp(own).resize(320, 240).jpeg({ quality: 60 }).toBuffer());
  }
  add('plain', await plainPicture());
  return { server, images, add };
}

/** A picture of soft spots of colour, a few hundred of them, from a fixed seed. */
export function softPicture(seed: number): Promise<Buffer> {
  const next = seededNumbers(seed);
  const spots = Buffer.from(Array.from({ length: 3 * SPOTS * SPOTS }, () => next() & 0xff));
  return sharp(spots, { raw: { width: SPOTS, height: SPOTS, channels: 3 } })
    .resize({ ...SIZE, fit: 'fill', kernel: 'cubic' })
    .jpeg({ quality: 90 })
    .toBuffer();
}

function plainPicture(): Promise<Buffer> {
  const background = { r: 90, g: 120, b: 30 };
  return sharp({ create: { ...SIZE, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

/** Writes a catalog of the images, and returns its path. */
export function writePlantedCatalog(root: string, { images }: PlantedCopies): string {
  const rows = Object.entries(images).map(([id, url]) => `${id},${url}\n`);
  fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
  const file = path.join(root, 'catalogs', 'planted.csv');
  fs.writeFileSync(file, `id,url\n${rows.join('')}`);
  return file;
}
