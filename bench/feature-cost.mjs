/**
 * What the features of an image cost: the CPU of the whole pass over a file (reading, hashing, decoding, all values) against that of
 * one full decode by sharp, on the same files in one run.
 *
 *   node bench/feature-cost.mjs [--rounds 5] [--corpus FOLDER] [--most 300]
 *
 * Without a corpus sharp makes the files. `ms` are milliseconds of CPU an image; `aboveDecodeMs` is what the pass takes beyond 1.6
 * full decodes.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { corpusFiles, cpuPerItem } from './measuring/corpus.mjs';
import { drawing } from './measuring/drawing.mjs';
import { median } from './measuring/median.mjs';

const require = createRequire(import.meta.url);
const { fileFeatures } = require('../dist/features/file-features.js');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    corpus: { type: 'string' },
    most: { type: 'string', default: '300' },
  },
});
sharp.cache(false);
sharp.concurrency(1);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-bench-'));

async function made() {
  const set = async (count, make) =>
    Promise.all(
      Array.from({ length: count }, async (_, n) => {
        const image = make(n);
        const bytes = await image.toBuffer();
        const file = path.join(folder, createHash('sha256').update(bytes).digest('hex'));
        fs.writeFileSync(file, bytes);
        return file;
      }),
    );
  return {
    'icons, PNG 64 px': await set(200, (n) => drawing(64, 64, 4, n).png()),
    'thumbnails, JPEG 400 px': await set(100, (n) => drawing(400, 300, 3, n).jpeg()),
    'thumbnails, JPEG 512 px': await set(60, (n) => drawing(512, 384, 3, n).jpeg()),
    'photographs, JPEG 7 MP': await set(4, (n) => drawing(3072, 2304, 3, n).jpeg()),
    'photographs, WebP 7 MP': await set(4, (n) => drawing(3072, 2304, 3, n).webp()),
    'photographs, PNG 7 MP': await set(4, (n) => drawing(3072, 2304, 3, n).png()),
  };
}

async function features(request) {
  const { outcome, code } = await fileFeatures(request, rgbaToThumbHash);
  if (outcome !== 'computed') throw new Error(`no features: ${code}`);
}

async function decode({ paths: [file] }) {
  await sharp(fs.readFileSync(file), { failOn: 'none', sequentialRead: true }).raw().toBuffer();
}

const rounded = (value) => Number(value.toPrecision(3));
const sets = values.corpus
  ? { corpus: corpusFiles(values.corpus, Number(values.most)) }
  : await made();
const report = {};
for (const [name, files] of Object.entries(sets)) {
  const requests = files.map((file) => ({
    paths: [file],
    sha256: createHash('sha256').update(fs.readFileSync(file)).digest('hex'),
    pixels: 1e8,
  }));
  for (const request of requests.slice(0, 50)) await features(request);
  const times = { features: [], decode: [] };
  for (let round = 0; round < Number(values.rounds); round += 1) {
    times.features.push(await cpuPerItem(requests, features));
    times.decode.push(await cpuPerItem(requests, decode));
  }
  const [featuresMs, decodeMs] = [median(times.features), median(times.decode)];
  report[name] = {
    ...{ images: files.length, featuresMs: rounded(featuresMs), decodeMs: rounded(decodeMs) },
    aboveDecodeMs: rounded(featuresMs - 1.6 * decodeMs),
  };
}
fs.rmSync(folder, { recursive: true });
console.log(JSON.stringify({ report }));
