/**
 * Measures the pages of `serve` in Chromium, its memory, and what many readers cost a download.
 *
 *   node bench/serve.mjs [--images 1000000] [--rounds 9] [--readers 100] [--downloads 6000]
 *     [--rate 200] [--pairs 3]
 *
 * Publishes a made snapshot of that number of images, and serves it. Chromium opens the first
 * images, jumps to places all over the grid, searches all columns of the catalog for words that
 * about 15 of a million images have, and opens images that others look like. Each takes until all
 * pictures that can be seen are shown: medians of `rounds` in ms, each in a page without cached
 * pictures. Then `downloads` images are downloaded into the same data root at `rate` requests a
 * second, `pairs` times without readers and with them in turns. Each reader opens a page a second.
 * Prints one JSON line. `keptRate` is the median ratio of the two rates, from the first outcome to
 * the last. `mostMegabytes` is the peak memory of the server (Linux only).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openBench } from './measuring/command-line.mjs';
import { artistOf } from './measuring/made-collection.mjs';
import { makeSnapshot } from './measuring/made-snapshot.mjs';
import { median } from './measuring/median.mjs';
import { peakMegabytes } from './measuring/process-costs.mjs';
import { openReader, startReaders } from './measuring/reading-pages.mjs';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '9' },
    readers: { type: 'string', default: '100' },
    downloads: { type: 'string', default: '6000' },
    rate: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '3' },
  },
});
const [images, rounds, readers, downloads, rate, pairs] = [
  ...['images', 'rounds', 'readers', 'downloads', 'rate', 'pairs'],
].map((name) => Number(values[name]));
const BIN = fileURLToPath(new URL('../bin/artemis-pipeline.js', import.meta.url));
const bench = await openBench();
const { root } = bench;

/** The number of an image, far from those of the rounds before. */
const placeOf = (round) => Math.floor(images * ((round * 0.618 + 0.37) % 1));

async function startServing() {
  const words = [BIN, 'serve', '--port', '0', '--data', root];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { child, origin: line.trim() };
}

async function timePages(origin) {
  const reader = await openReader(origin);
  const times = { first: [], jump: [], search: [], alike: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.first.push(await reader.openPage('/images', '#grid a.tile'));
    times.jump.push(await reader.jump(placeOf(round)));
    const words = encodeURIComponent(artistOf(placeOf(round)).toLowerCase());
    times.search.push(await reader.openPage(`/images?q=${words}`, '#grid a.tile'));
    const id = `object-${placeOf(round)}`;
    times.alike.push(await reader.openPage(`/image?id=${id}#alike`, '[aria-labelledby=alike] li'));
  }
  await reader.close();
  return Object.fromEntries(
    Object.entries(times).map(([name, ms]) => [name, Math.round(median(ms))]),
  );
}

/** What a reader's page requests. Pages of images request the images of a place in the grid. */
function addressesOf(number) {
  const place = placeOf(number);
  const pages = [
    ['/'],
    ['/images', `/api/images?from=${place}&count=200`],
    [`/image?id=object-${place}`],
    ['/groups'],
    ['/runs'],
    ['/images?state=stored', `/api/images?state=stored&from=${place}&count=200`],
  ];
  return pages[number % pages.length];
}

/** The images a second of one run, whose URLs are new, and what the readers saw. */
async function download(collection, origin, count) {
  const catalog = bench.writeCatalog(downloads, `?${collection}`);
  const hosts = { default: { connections: 32, requestsPerSecond: rate } };
  const reading = startReaders({ origin, count, addressesOf });
  await bench.cli(
    ...['run', path.join(root, catalog), '--collection', collection],
    ...['--workflow-id', collection, '--input', JSON.stringify({ hosts })],
  );
  return { rate: rateOf(collection), ...(await reading.stop()) };
}

function rateOf(workflowId) {
  const runs = fs.readdirSync(path.join(root, 'runs')).map((name) => path.join(root, 'runs', name));
  const run = runs.find(
    (folder) => JSON.parse(fs.readFileSync(`${folder}/run.json`)).workflowId === workflowId,
  );
  const times = fs
    .readdirSync(path.join(run, 'ledger'), { recursive: true })
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) =>
      fs
        .readFileSync(path.join(run, 'ledger', name), 'utf8')
        .trim()
        .split('\n'),
    )
    .map((line) => Date.parse(JSON.parse(line).at))
    .sort((a, b) => a - b);
  return (1_000 * times.length) / (times.at(-1) - times[0]);
}

/** In turns without readers and with them. */
async function timeDownloads(origin) {
  const found = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const alone = await download(`alone-${pair}`, origin, 0);
    const read = await download(`read-${pair}`, origin, readers);
    found.push({ alone: Math.round(alone.rate), kept: read.rate / alone.rate, ...read });
  }
  const of = (name) => found.map((one) => one[name]);
  return {
    rates: of('rate').map(Math.round),
    ratesAlone: of('alone'),
    keptRate: Number(median(of('kept')).toFixed(3)),
    pages: median(of('pages')),
    pageMs: median(of('medianMs')),
    problems: of('problems').reduce((a, b) => a + b, 0),
  };
}

let serving = null;
try {
  await makeSnapshot(root, images);
  serving = await startServing();
  const { child, origin } = serving;
  const ms = await timePages(origin);
  const ofPages = Math.round(peakMegabytes(child.pid));
  const reading = pairs > 0 ? await timeDownloads(origin) : null;
  const memory = {
    mostMegabytesOfPages: ofPages,
    mostMegabytes: Math.round(peakMegabytes(child.pid)),
  };
  const load = Math.round(os.loadavg()[0] * 10) / 10;
  console.log(JSON.stringify({ images, rounds, readers, ms, ...memory, reading, load }));
} finally {
  serving?.child.kill('SIGINT');
  await bench.close();
}
