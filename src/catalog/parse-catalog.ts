/** The first half of ingest: reads an untrusted catalog and writes its text columns as Parquet. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { DatabaseConfig } from '../config';
import { StepError } from '../contract/errors';
import type { ParseCatalogResult } from '../contract/payloads';
import type { ResolvedInput } from '../contract/run-input';
import { relativeToRoot, runPaths } from '../files/data-root';
import type { FileDigest } from './catalog-digest';
import { catalogFiles, digestFiles, filesStamp, type CatalogFile } from './catalog-files';
import { linkParsedBefore, parseKey, recordParsed } from './parsed-before';
import { PARQUET_NAME, REJECTS_NAME, parseCounts, parseJob } from '../processes/process-messages';
import type { ParseCounts, ParseJob } from '../processes/process-messages';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { runProcess } from '../processes/run-process';
import { moveDurably, withScratchFolder } from '../processes/scratch-folder';

const childResult = parseCounts.extend({ firstProblem: z.string().nullable() });
type ChildResult = z.infer<typeof childResult>;

export interface ParseCatalogOptions {
  readonly dataRoot: string;
  readonly runId: string;
  readonly input: ResolvedInput;
  readonly database: DatabaseConfig;
  readonly prepared?: PreparedProcesses;
  /** Called about once a second with the number of rows that have been read. */
  readonly onRows?: (rows: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads the catalog in a locked-down child process and writes the run's `catalog.parquet` and
 * `rejects.ndjson`. When a run of the data root, or the comparison before this run, has read the
 * same bytes with the same options by the same program, its files are linked.
 *
 * @remarks Idempotent: the same catalog gives the same files, which are replaced whole.
 * @throws {@link StepError} `input`, `catalog_missing`, `catalog_columns`, `catalog_empty`,
 *   `catalog_format`, `db_memory`, `disk_…`; the signal's reason when aborted.
 */
export async function parseCatalog(options: ParseCatalogOptions): Promise<ParseCatalogResult> {
  const { dataRoot, input } = options;
  const files = await catalogFiles(dataRoot, input.catalog, input.format);
  const stamp = await filesStamp(files);
  const digest = await digestFiles(files, options.signal);
  return withScratchFolder(dataRoot, 'catalog', async (scratch) => {
    const key = parseKey(input, digest);
    const before = await linkParsedBefore(dataRoot, key, scratch);
    const result =
      before === null
        ? await parseInChild(options, files, scratch)
        : { ...before.counts, firstProblem: null };
    await refuseChanged(files, stamp, input.catalog);
    const published = await publish(options, result, digest, scratch);
    const { firstProblem: _, ...counts } = result;
    await recordParsed({ root: dataRoot, runId: options.runId }, key, before ?? counts);
    return published;
  });
}

/**
 * Reads files in a locked-down child process and writes `catalog.parquet` and `rejects.ndjson` into
 * a folder, which may lie anywhere.
 *
 * @throws {@link StepError} as {@link parseCatalog}.
 */
export async function parseFiles(
  options: Pick<ParseCatalogOptions, 'input' | 'database'>,
  files: readonly CatalogFile[],
  folder: string,
): Promise<ParseCounts> {
  const { firstProblem, ...counts } = await parseInChild(options, files, folder);
  if (counts.images === 0) throw emptyCatalog(options.input.catalog, counts.rows, firstProblem);
  return counts;
}

function parseInChild(
  {
    input,
    database,
    prepared,
    onRows,
    signal,
  }: Pick<ParseCatalogOptions, 'input' | 'database' | 'prepared' | 'onRows' | 'signal'>,
  files: readonly CatalogFile[],
  scratch: string,
): Promise<ChildResult> {
  return runProcess({
    script: 'catalog/catalog-child.js',
    scratch,
    job: parseJobOf(input, files, database),
    result: childResult,
    crash: 'catalog_format',
    task: `Reading the catalog ${input.catalog}`,
    prepared,
    onRows,
    signal,
  });
}

/** @returns the job of the process that reads these files of the input's catalog. */
export function parseJobOf(
  input: ResolvedInput,
  files: readonly CatalogFile[],
  { memory, threads }: DatabaseConfig,
): ParseJob {
  return {
    ...parseJob.omit({ name: true, files: true, database: true }).parse(input),
    name: input.catalog,
    files: [...files],
    database: { memory, threads },
  };
}

async function refuseChanged(
  files: readonly CatalogFile[],
  stamp: string,
  name: string,
): Promise<void> {
  if ((await filesStamp(files).catch(() => null)) === stamp) return;
  throw new StepError(
    'catalog_format',
    `The catalog ${name} was changed while it was read: retry the step when it is whole.`,
  );
}

/** The rejected rows are kept even if no row was accepted, because they give the reasons. */
async function publish(
  { dataRoot, runId, input }: ParseCatalogOptions,
  { firstProblem, ...counts }: ChildResult,
  digest: FileDigest,
  scratch: string,
): Promise<ParseCatalogResult> {
  const run = runPaths(dataRoot, runId);
  await mkdir(run.folder, { recursive: true });
  await moveDurably(path.join(scratch, REJECTS_NAME), run.rejects);
  if (counts.images === 0) throw emptyCatalog(input.catalog, counts.rows, firstProblem);
  await moveDurably(path.join(scratch, PARQUET_NAME), run.catalogParquet);
  return {
    parquet: relativeToRoot(dataRoot, run.catalogParquet),
    rejects: relativeToRoot(dataRoot, run.rejects),
    ...counts,
    catalog: { path: relativeToRoot(dataRoot, path.resolve(dataRoot, input.catalog)), ...digest },
  };
}

/**
 * @param firstProblem why the first row that was not taken was not.
 * @returns the failure of a catalog without images.
 */
export function emptyCatalog(name: string, rows: number, firstProblem: string | null): StepError {
  const seen =
    rows === 0
      ? 'has no rows'
      : `has ${rows} rows, and none could be taken (${firstProblem ?? 'all rejected'})`;
  return new StepError('catalog_empty', `The catalog ${name} ${seen}: give one that lists images.`);
}
