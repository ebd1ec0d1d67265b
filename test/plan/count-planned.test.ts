/** What a run announces of the features that it will compute. */
import { DuckDBInstance } from '@duckdb/node-api';
import { countPlanned } from '../../src/plan/features/select-files';

it('counts files that have features of another version, and estimates the time by their sizes', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `CREATE TABLE planned_file AS FROM (VALUES
       ('small', 'jpeg', 64 * 64 / 1e6, 0.003), ('usual', 'jpeg', 400 * 300 / 1e6, 0.03),
       ('large', 'jpeg', 7.0, 2.5), ('unknown', NULL, 0.0, 0.0)) f (sha256, format, megapixels, megabytes)`,
  );
  await connection.run(
    `CREATE TABLE fact_feature AS FROM (VALUES
       ('small', 'computed'), ('small', 'computed'), ('usual', 'failed'), ('other', 'computed')) f (sha256, outcome)`,
  );
  const { cpuSeconds, ...counts } = await countPlanned(connection);
  expect(counts).toEqual({ planned: 4, former: 1 });
  // Measured alone, in milliseconds: 1.8, 7.4 and 73.
  expect(cpuSeconds * 1_000).toBeGreaterThan(70);
  expect(cpuSeconds * 1_000).toBeLessThan(95);
  await connection.run('DELETE FROM planned_file');
  expect(await countPlanned(connection)).toEqual({ planned: 0, former: 0, cpuSeconds: 0 });
  connection.closeSync();
});
