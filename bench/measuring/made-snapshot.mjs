/** A data root with a published snapshot of a made collection, as `serve` shows it. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { openWarehouse, settingsOf } from './built-warehouse.mjs';
import { drawing } from './drawing.mjs';
import { makeCollection, recordOf } from './made-collection.mjs';

const require = createRequire(import.meta.url);
const { findClusters } = require('../../dist/clusters/find-clusters.js');
const { openIdentity } = require('../../dist/files/identity.js');
const { sha256OfFile } = require('../../dist/files/sha256-of-file.js');

const PICTURES = 200;
const RUN = 'r1';
const ENDED_AT = '2026-01-01T01:00:00.000Z';

/** Publishes the images with their features and clusters. They share 200 files. */
export async function makeSnapshot(root, images) {
  const { database } = settingsOf(root);
  const { warehouseId } = await openIdentity(root);
  const warehouse = openWarehouse(root);
  const publish = (record, derived) =>
    warehouse.publishSnapshot({ warehouseId, record, derived, materialise: true });
  const pictures = await writePictures(root);
  const fileOf = (n) => pictures[n % PICTURES];
  await makeCollection({ root, warehouse, warehouseId, database, runId: RUN, images, fileOf });
  await warehouse.commitFeatures({ warehouseId, runId: null });
  await publish(null, []);
  const target = path.join(root, 'tmp', 'clusters.duckdb');
  const { isWritten } = await findClusters({ dataRoot: root, runId: RUN, database, target });
  const clusters = {
    kind: 'clusters',
    path: path.relative(root, target),
    sha256: await sha256OfFile(target),
  };
  const ended = { ...recordOf(RUN, '2026-01-01T00:00:00.000Z'), state: 'completed' };
  await publish({ ...ended, endedAt: ENDED_AT }, isWritten ? [clusters] : []);
}

async function writePictures(root) {
  const folder = path.join(root, 'raw/images/thumbs/aaa');
  fs.mkdirSync(folder, { recursive: true });
  const files = [];
  for (let n = 0; n < PICTURES; n += 1) {
    const jpeg = await drawing(400, 300, 3, n + 1)
      .jpeg({ quality: 70 })
      .toBuffer();
    fs.writeFileSync(path.join(folder, `${n}.jpg`), jpeg);
    files.push({ path: `raw/images/thumbs/aaa/${n}.jpg`, bytes: jpeg.length });
  }
  return files;
}
