/**
 * Compares the CPU time of the walk with that of sharp's decode, for the same files in one run.
 *
 *   node bench/check-cost.mjs [--rounds 5] [--corpus FOLDER] [--most 300]
 *
 * Without a corpus, sharp creates the files: icons (PNG), thumbnails (JPEG, baseline and
 * progressive) and photographs. A corpus is a folder of images (test/images/README.md), of which
 * `most` are read.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { corpusFiles, cpuPerItem } from './measuring/corpus.mjs';
import { drawing } from './measuring/drawing.mjs';
import { median } from './measuring/median.mjs';

const require = createRequire(import.meta.url);
const { walkImage } = require('../dist/images/walk-image.js');
const { imageSignature } = require('../dist/images/image-signature.js');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    corpus: { type: 'string' },
    most: { type: 'string', default: '300' },
  },
});
const rounds = Number(values.rounds);
sharp.cache(false);
sharp.concurrency(1);

async function made() {
  const set = async (count, make) =>
    Promise.all(Array.from({ length: count }, async (_, n) => (await make(n)).toBuffer()));
  return {
    'icons, PNG 64 px': await set(200, (n) => drawing(64, 64, 4, n).png()),
    'thumbnails, JPEG 256 px': await set(100, (n) => drawing(256, 256, 3, n).jpeg()),
    'thumbnails, JPEG 512 px': await set(60, (n) => drawing(512, 384, 3, n).jpeg()),
    'thumbnails, progressive 512 px': await set(60, (n) =>
      drawing(512, 384, 3, n).jpeg({ progressive: true }),
    ),
    'photographs, JPEG 12 MP': await set(2, (n) => drawing(4000, 3000, 3, n).jpeg()),
    'photographs, progressive 12 MP': await set(2, (n) =>
      drawing(4000, 3000, 3, n).jpeg({ progressive: true }),
    ),
  };
}

function read(folder) {
  const files = corpusFiles(folder, Number(values.most));
  return { corpus: files.map((file) => fs.readFileSync(file)) };
}

const formatOf = (bytes) => imageSignature(bytes.subarray(0, 512)).format;

function walk(bytes) {
  const { state } = walkImage({ format: formatOf(bytes), pixels: 1e8 }, bytes);
  if (state !== 'good') throw new Error(`a walk said ${state}`);
}

/** Decodes as the decoder processes do. */
async function decode(bytes) {
  const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
  const image = sharp(bytes, { failOn: 'warning', sequentialRead: true });
  if (width * height > 4_000_000) await image.stats();
  else await image.raw().toBuffer();
}

const report = {};
for (const [name, all] of Object.entries(values.corpus ? read(values.corpus) : await made())) {
  // An image that the walk does not support saves no decoding.
  const images = all.filter(
    (bytes) => walkImage({ format: formatOf(bytes), pixels: 1e8 }, bytes).state === 'good',
  );
  const times = { walk: [], sharp: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.walk.push(await cpuPerItem(images, walk));
    times.sharp.push(await cpuPerItem(images, decode));
  }
  const [walkMs, sharpMs] = [median(times.walk), median(times.sharp)];
  const bytes = Math.round(images.reduce((sum, { length }) => sum + length, 0) / images.length);
  const rounded = (value) => Number(value.toPrecision(3));
  report[name] = {
    ...{ images: images.length, unknown: all.length - images.length, bytes },
    ...{ walkMs: rounded(walkMs), sharpMs: rounded(sharpMs), ratio: rounded(walkMs / sharpMs) },
  };
}
console.log(JSON.stringify({ rounds, report }));
