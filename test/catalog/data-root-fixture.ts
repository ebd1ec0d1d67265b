/** A data root in the temp folder, and catalogs in it. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { catalogFiles } from '../../src/catalog/catalog-files';
import { emptyCatalog, parseCatalog, parseJobOf } from '../../src/catalog/parse-catalog';
import { readCatalog } from '../../src/catalog/read-catalog';
import type { DatabaseConfig } from '../../src/config';
import { StepError } from '../../src/contract/errors';
import type { ParseCatalogResult } from '../../src/contract/payloads';
import type { ResolvedInput } from '../../src/contract/run-input';
import { asStepError } from '../../src/processes/process-failure';
import { parseJob, type ParseCounts } from '../../src/processes/process-messages';

export const database: DatabaseConfig = { driver: 'node-api', memory: '500MB', threads: 2 };
export const tateCatalog = path.join(__dirname, '..', '..', 'catalogs', 'tate_artworks.csv.gz');

/** The first digits of a URL's SHA-256, of which ids are made. */
export function hash(url: string, length = 8): string {
  return createHash('sha256').update(url).digest('hex').slice(0, length);
}

export class DataRootFixture {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'artemis-catalog-'));
  readonly runId = 'run-1';

  constructor() {
    mkdirSync(path.join(this.root, 'catalogs'));
  }

  /** Writes a catalog (or copies the Tate's) and gives its path as the input has it. */
  write(name: string, content: string | Buffer): string {
    writeFileSync(path.join(this.root, 'catalogs', name), content);
    return `catalogs/${name}`;
  }

  copyTate(): string {
    copyFileSync(tateCatalog, path.join(this.root, 'catalogs', 'tate.csv.gz'));
    return 'catalogs/tate.csv.gz';
  }

  parse(catalog: string, input: Partial<ResolvedInput> = {}): Promise<ParseCatalogResult> {
    const resolved = { ...resolvedInput(catalog), ...input };
    return parseCatalog({ dataRoot: this.root, runId: this.runId, input: resolved, database });
  }

  /**
   * Writes text and reads it as the process of `parse` does, with the same job, in this process and
   * in the run's folder, because starting a process takes longer than reading a few rows.
   */
  async readText(text: string | Buffer, input: Partial<ResolvedInput> = {}): Promise<ParseCounts> {
    const catalog = this.write(`listing.${input.format ?? 'csv'}`, text);
    const resolved = { ...resolvedInput(catalog), ...input };
    const files = await catalogFiles(this.root, catalog, resolved.format);
    const sent = JSON.stringify(parseJobOf(resolved, files, database));
    const folder = this.path('runs', this.runId);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const { firstProblem, ...counts } = await inFolder(folder, () =>
      readCatalog(parseJob.parse(JSON.parse(sent)), () => undefined),
    );
    if (counts.images === 0) throw emptyCatalog(catalog, counts.rows, firstProblem);
    return counts;
  }

  /** The accepted rows, in order of the file. */
  async rows(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return query(`FROM read_parquet('${this.path('runs', this.runId, 'catalog.parquet')}')`);
  }

  /** Ids and URLs of the accepted rows, in their order. */
  async images(): Promise<readonly (readonly unknown[])[]> {
    return (await this.rows()).map((row) => [row.source_image_id, row.thumb_url]);
  }

  rejects(): readonly Readonly<Record<string, unknown>>[] {
    const text = readFileSync(this.path('runs', this.runId, 'rejects.ndjson'), 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>);
  }

  path(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Does the work in a folder, and fails as serve-process.ts reports it. */
async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await work();
  } catch (error) {
    throw asStepError(error);
  } finally {
    process.chdir(before);
  }
}

export async function query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The StepError that a promise ends with; anything else fails the test. */
export async function stepErrorOf(promise: Promise<unknown>): Promise<StepError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
  throw new Error('expected a StepError, and there was none');
}

/** The input with every default. */
export function resolvedInput(catalog: string): ResolvedInput {
  return {
    catalog,
    columns: { id: 'id', url: 'url' },
    format: 'csv',
    encoding: 'utf-8',
    delimiter: null,
    steps: ['ingest', 'download', 'publish'],
    select: 'pending',
    limit: null,
    only: null,
    verify: 'decode',
    hosts: { default: { connections: 8, requestsPerSecond: 20 } },
    limits: {},
    maxRemoved: 0.2,
    onStepFailure: 'park',
    parkTimeout: null,
    publishEvery: 60,
  };
}
