/**
 * A collection whose images are all stored, and whose features are all known. No image is
 * downloaded: the catalog and the ledgers are written here, and the built program merges and
 * commits them.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { parseCatalog } = require('../../dist/catalog/parse-catalog.js');
const { FEATURE_VERSION } = require('../../dist/contract/features/feature.js');
const { parseRunInput } = require('../../dist/input/run-input-schema.js');

const CATALOG = 'catalogs/made.csv';
const STARTED_AT = '2026-01-01T00:00:00.000Z';
const input = parseRunInput({ catalog: CATALOG });
const attempt = { execution: 'e1', dispatch: 1, attempt: 1, at: STARTED_AT };

const idOf = (n) => `object-${n}`;
const urlOf = (n) => `https://images-${n % 97}.example.org/full/${n}.jpg`;
const digest = (text, length = 64) =>
  createHash('sha256').update(text).digest('hex').slice(0, length);

/** The text in the column `artist` of the catalog, which 15 of a million images have in common. */
export const artistOf = (n) => `Artist ${digest(`${n}`, 4)}`;

/** The file that an image has when no other is given. It does not exist. */
const absentFile = (n) => ({
  path: `raw/images/thumbs/aaa/${idOf(n)}.0123456789ab.jpg`,
  bytes: 20_000 + (n % 9_973),
});

/** Writes `run.json` of a run of the collection. */
export function openRun(root, runId, startedAt) {
  const run = { v: 1, runId, workflowId: 'all', input, catalog: null, startedAt };
  fs.mkdirSync(path.join(root, 'runs', runId), { recursive: true });
  fs.writeFileSync(path.join(root, 'runs', runId, 'run.json'), JSON.stringify(run));
}

/** The record of a run of the collection that is under way. */
export function recordOf(runId, startedAt) {
  return {
    ...{ runId, workflowId: 'all', state: 'running', code: null, detail: null },
    ...{ startedAt, endedAt: null, steps: [] },
  };
}

/**
 * Merges the catalog and commits the outcomes. The ledger of the features is written, and committed
 * by the caller.
 *
 * @param options.root the data root, an empty folder.
 * @param options.fileOf returns the path below the data root and the size of the file of an image.
 * @param options.features the number of images with features in the ledger; default: all.
 */
export async function makeCollection({
  root,
  warehouse,
  warehouseId,
  database,
  runId,
  images,
  fileOf = absentFile,
  features = images,
}) {
  writeCatalog(root, images);
  openRun(root, runId, STARTED_AT);
  const { parquet, rejects } = await parseCatalog({ dataRoot: root, runId, input, database });
  const record = recordOf(runId, STARTED_AT);
  await warehouse.mergeCatalog({
    ...{ warehouseId, runId, parquet, rejects, maxRemoved: 0.2, record },
  });
  const ledger = path.join(root, 'runs', runId, 'ledger/l000001/e1.ndjson');
  writeLines(ledger, 0, images, (n) => outcomeLine(n, fileOf(n)));
  if (features > 0) writeFeatures({ root, runId, execution: 'e1', from: 0, to: features });
  await warehouse.commitLedgers({ warehouseId, runId });
}

/** Writes a ledger with the features of the images from number `from` to before `to`. */
export function writeFeatures({ root, runId, execution, from, to }) {
  const file = `features/ledger/f000001/${execution}.ndjson`;
  writeLines(path.join(root, 'runs', runId, file), from, to, (n) => ({
    ...featureLine(n),
    execution,
  }));
}

function writeCatalog(root, images) {
  fs.mkdirSync(path.join(root, 'catalogs'), { recursive: true });
  const open = fs.openSync(path.join(root, CATALOG), 'w');
  fs.writeSync(open, 'id,url,title,artist\n');
  for (let n = 0; n < images; n += 1)
    fs.writeSync(open, `${idOf(n)},${urlOf(n)},Title ${n % 999},${artistOf(n)}\n`);
  fs.closeSync(open);
}

function writeLines(file, from, to, lineOf) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const open = fs.openSync(file, 'w');
  for (let n = from; n < to; n += 1) fs.writeSync(open, `${JSON.stringify(lineOf(n))}\n`);
  fs.closeSync(open);
}

function outcomeLine(n, file) {
  return {
    ...{ v: 1, id: idOf(n), urlHash: digest(urlOf(n), 32), outcome: 'stored', retryable: false },
    ...file,
    ...{ sha256: digest(`${n}`), width: 400, height: 300, format: 'jpeg', verdict: 'valid' },
    ...{ status: 200, finalHost: `images-${n % 97}.example.org`, requests: 1, lane: 'l000001' },
    ...attempt,
  };
}

/** Every tenth file is a near duplicate of the one before; the looks are 400 kinds with noise. */
function featureLine(n) {
  const of = n % 10 === 9 ? n - 1 : n;
  const kind = n % 400;
  const look = [digest(`a${kind}`), digest(`b${kind}`, 32), digest(`noise${of}`, 32)].join('');
  return {
    ...{ v: 1, sha256: digest(`${n}`), version: FEATURE_VERSION },
    ...{ outcome: 'computed', code: null, detail: null },
    values: {
      ...{ phash: digest(`p${of}`, 16), pdq: digest(`q${of}`), pdqQuality: 100 },
      ...{ brightness: (n % 100) / 100, contrast: 0.2, entropy: 7, sharpness: n % 999 },
      ...{ colourfulness: 20, grey: 0.1, transparent: 0, border: 0, colour: 'red' },
      palette: [{ l: 0.5, a: 0.1, b: 0.1, share: 1 }],
      placeholder: 'AQID',
      look: Buffer.from(look, 'hex').toString('base64'),
      ...{ takenAt: null, metadata: null },
    },
    lane: 'f000001',
    ...attempt,
  };
}
