/** A database in memory, with which tests write Parquet files, and a data root. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { DataRootFixture } from '../data-root-fixture';

export interface ParquetScene {
  readonly connection: DuckDBConnection;
  readonly fixture: DataRootFixture;
}

/** Each test of the file gets a scene of its own, which is removed after it. */
export function forEachTest(use: (scene: ParquetScene) => void): void {
  let scene: ParquetScene;
  beforeEach(async () => {
    const instance = await DuckDBInstance.create(':memory:');
    scene = { connection: await instance.connect(), fixture: new DataRootFixture() };
    use(scene);
  });
  afterEach(() => {
    scene.connection.closeSync();
    scene.fixture.remove();
  });
}
