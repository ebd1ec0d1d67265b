/** Check K1: each image is in exactly one state, and the counts add up. */
import path from 'node:path';
import { listRuns } from '../files/run/run-records';
import type { Database, Row } from '../warehouse/driver/database';
import { firstRow, rowsOf } from '../warehouse/driver/database';
import { withCollectionColumns } from '../warehouse/snapshot/collection-columns';
import { Finding, type Check } from './check-result';

const STATES = ['stored', 'failed', 'pending', 'no_url', 'removed'];

export async function checkStates(database: Database, dataRoot: string): Promise<Check> {
  const finding = new Finding('K1');
  const { images } = await firstRow(database, 'SELECT count(*) AS images FROM dim_image');
  finding.count(Number(images));
  const twice = await rowsOf(
    database,
    'SELECT source_image_id, count(*) AS n FROM image_state GROUP BY ALL HAVING n <> 1 LIMIT 100',
  );
  for (const row of twice)
    finding.problem(`image ${String(row.source_image_id)} is in ${String(row.n)} states`);
  const imageStates = await withCollectionColumns(database, 'image_state');
  const states = await rowsOf(
    database,
    `SELECT collection, state, count(*) AS n FROM ${imageStates} GROUP BY ALL`,
  );
  for (const row of states)
    if (!STATES.includes(String(row.state)))
      finding.problem(`${String(row.n)} images are in the unknown state ${String(row.state)}`);
  const sum = states.reduce((total, row) => total + Number(row.n), 0);
  if (sum !== Number(images))
    finding.problem(`${sum} images have a state, ${Number(images)} are known`);
  await checkIds(finding, database);
  checkSummary(finding, dataRoot, states);
  return finding.check();
}

/** An image's id in the data root is made of its collection and its id there. */
async function checkIds(finding: Finding, database: Database): Promise<void> {
  const images = await withCollectionColumns(database, 'dim_image');
  const wrong = await rowsOf(
    database,
    `SELECT source_image_id AS id, collection, catalog_id FROM ${images}
     WHERE source_image_id IS DISTINCT FROM coalesce(collection || '/', '') || catalog_id LIMIT 100`,
  );
  for (const { id, collection, catalog_id: catalogId } of wrong)
    finding.problem(
      `image ${String(id)} is recorded with the id ${String(catalogId)} of the collection ${String(collection)}`,
    );
}

/**
 * The counts that the newest run reported at its end must be those of its collection in the
 * snapshot of that end.
 */
function checkSummary(finding: Finding, dataRoot: string, states: readonly Row[]): void {
  const [newest] = listRuns(dataRoot);
  const counts = newest?.summary?.counts;
  if (newest === undefined || counts === undefined || counts.images === 0) return;
  const collection = newest.run.input.collection ?? null;
  const file = path.join('runs', newest.run.runId, 'summary.json');
  const countInSnapshot = (state: string): number =>
    Number(states.find((row) => row.state === state && row.collection === collection)?.n ?? 0);
  const summaryCounts: readonly (readonly [string, number])[] = [
    ['stored', counts.stored],
    ['failed', counts.failed],
    ['pending', counts.pending],
    ['no_url', counts.noUrl],
    ['removed', counts.removed],
  ];
  for (const [state, count] of summaryCounts)
    if (countInSnapshot(state) !== count)
      finding.problem(
        `${file} says ${count} images are ${state}, the snapshot ${countInSnapshot(state)}`,
      );
}
