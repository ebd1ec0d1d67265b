/** Reads the first records of one Parquet file, in a locked database of its own. */
import { openLockedDatabase } from '../../processes/locked-database';
import type { CatalogReading } from '../catalog-reading';
import { linkParquet, readParquetCatalog } from '../parquet/read-parquet-catalog';

/** @throws StepError `catalog_columns`, `catalog_format`; ReadingEnded. */
export async function readParquetSample(reading: CatalogReading): Promise<void> {
  const { job, index } = reading;
  if (index === 0) await linkParquet(job);
  const database = await openLockedDatabase({
    ...job.database,
    folder: process.cwd(),
    files: job.files.map(({ file }) => file),
  });
  await readParquetCatalog(await database.connect(), reading);
}
