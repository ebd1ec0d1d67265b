/** A data root with a published snapshot, and models of the user. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  buildModels,
  type BuildModelsOptions,
  type BuiltModel,
  type CheckResult,
  type ModelBuild,
} from '../../src/models/build-models';
import { readModelFiles } from '../../src/models/read-model-files';
import { WarehouseFixture } from '../warehouse/warehouse-fixture';

export type Row = Readonly<Record<string, unknown>>;

export class ModelFixture extends WarehouseFixture {
  /** A data root with three images, one of them without a URL, and the catalog's column `title`. */
  static async withThreeImages(): Promise<ModelFixture> {
    const fixture = new ModelFixture();
    await fixture.merge('r1', [
      { id: 'a', url: 'http://h/a', title: 'First' },
      { id: 'b', url: 'http://h/b', title: 'Second' },
      { id: 'c', url: null },
    ]);
    await fixture.publish();
    return fixture;
  }

  /** Writes a file below `models/`, with its name and without `.sql`. */
  model(name: string, text: string): void {
    const file = this.path('models', `${name}.sql`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  removeModels(): void {
    rmSync(this.path('models'), { recursive: true, force: true });
    rmSync(this.derived, { force: true });
  }

  async publish(materialise = true): Promise<void> {
    await this.warehouse.publishSnapshot({ warehouseId: 'w', record: null, materialise });
  }

  /** Runs statements on the published snapshot, as a later publication would have done. */
  async addToSnapshot(sql: string): Promise<void> {
    const snapshot = this.path('warehouse.snapshot.duckdb');
    chmodSync(snapshot, 0o644);
    const instance = await DuckDBInstance.create(snapshot);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
  }

  build(options: Partial<BuildModelsOptions> = {}): Promise<ModelBuild> {
    return buildModels({
      dataRoot: this.root,
      files: readModelFiles(this.root),
      mode: 'build',
      only: null,
      previewRows: 0,
      secondsPerModel: 60,
      origin: null,
      database: { memory: '300MB', threads: 1 },
      target: this.derived,
      ...options,
    });
  }

  /** Where `build` moves the tables. */
  get derived(): string {
    return this.path('tmp', 'models.duckdb');
  }

  /** Queries the tables that were built, as JSON values. */
  async askDerived(sql: string): Promise<readonly Row[]> {
    const instance = await DuckDBInstance.create(this.derived, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowObjectsJson();
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  }
}

export function modelOf({ models }: ModelBuild, name: string): BuiltModel {
  const found = models.find((model) => model.name === name);
  if (found === undefined) throw new Error(`there is no model ${name}`);
  return found;
}

export function checkOf({ checks }: ModelBuild, name: string): CheckResult {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`there is no check ${name}`);
  return found;
}
