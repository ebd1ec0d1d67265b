/**
 * Finds out what a run would do, without sending a request or changing the data root. It parses the
 * catalog, merges it into a copy of the snapshot, and makes a plan from that copy.
 *
 * It calls the same modules as a run, so it shows what a run would find. They work in a data root
 * of their own in the system's temporary folder, whose `runs` is a link to the real one while the
 * ledgers are read.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { parseFiles } from '../catalog/parse-catalog';
import type { CatalogFile } from '../catalog/catalog-files';
import type { DatabaseConfig } from '../config';
import { catalogCounts, type CatalogCounts } from '../contract/catalog/catalog-counts';
import { StepError, type StepCode } from '../contract/errors';
import type { MergeCatalogInput, MergeCatalogResult } from '../contract/payloads';
import type { HostBudget, ResolvedInput } from '../contract/run-input';
import { dataRootPaths } from '../files/data-root';
import { resolveUserFile } from '../files/resolve-user-file';
import { withSystemScratchFolder } from '../processes/scratch-folder';
import { planDownloads } from '../plan/plan-downloads';
import { PARQUET_NAME, REJECTS_NAME } from '../processes/process-messages';
import {
  openPreviewWarehouse,
  type PreviewWarehouse,
} from '../warehouse/snapshot/preview-warehouse';
import { previewDownload } from './preview-download';
import type { DownloadPreview, RunPreview } from './run-preview';

export interface PreviewOptions {
  readonly dataRoot: string;
  readonly input: ResolvedInput;
  /** The files of the catalog, which may lie outside the data root. */
  readonly files: readonly CatalogFile[];
  /** The absolute path of the file of ids, where it is not yet the one of the input. */
  readonly only?: string | undefined;
  readonly database: DatabaseConfig;
  /** The worker's upper limits for one host. */
  readonly caps: HostBudget;
  readonly log: Logger;
}

/** The name that stands for the run, its ledgers and its folder. */
const RUN = 'dry-run';

/**
 * @throws the errors of `parseCatalog` and `planDownloads`. The refusal of a merge is part of the
 *   result and not an error.
 */
export async function previewRun(options: PreviewOptions): Promise<RunPreview> {
  return withSystemScratchFolder('artemis-dry-run', (scratch) => previewIn(scratch, options));
}

async function previewIn(scratch: string, options: PreviewOptions): Promise<RunPreview> {
  const { input, dataRoot } = options;
  const isIngesting = input.steps.includes('ingest');
  const catalog = isIngesting ? await parseInto(path.join(scratch, 'catalog'), options) : null;
  const copied = { from: dataRoot, to: scratch };
  const warehouse = await openPreviewWarehouse({ ...options, ...copied });
  const merged = isIngesting ? await merge(warehouse, input) : null;
  const download = input.steps.includes('download')
    ? await planIn(scratch, options, warehouse)
    : null;
  return { catalog, change: merged?.change ?? null, refusal: merged?.refusal ?? null, download };
}

async function parseInto(folder: string, options: PreviewOptions): Promise<CatalogCounts> {
  fs.mkdirSync(folder);
  return catalogCounts(await parseFiles(options, options.files, folder));
}

/** The codes with which a merge refuses a catalog that `replace` would let it accept. */
const REFUSALS: ReadonlySet<StepCode> = new Set(['input', 'catalog_shrunk']);

/** Merges in any case, so that the differences can be shown. */
async function merge(
  warehouse: PreviewWarehouse,
  { collection, replace, maxRemoved }: ResolvedInput,
): Promise<{ readonly change: MergeCatalogResult; readonly refusal: StepError | null }> {
  const startedAt = new Date().toISOString();
  const input: MergeCatalogInput = {
    warehouseId: '',
    runId: RUN,
    parquet: `catalog/${PARQUET_NAME}`,
    rejects: `catalog/${REJECTS_NAME}`,
    collection,
    replace,
    maxRemoved,
    record: {
      runId: RUN,
      workflowId: RUN,
      state: 'running',
      code: null,
      detail: null,
      startedAt,
      endedAt: null,
      steps: [],
    },
  };
  try {
    return { change: await warehouse.merge(input), refusal: null };
  } catch (error) {
    if (!(error instanceof StepError) || !REFUSALS.has(error.code)) throw error;
    return { change: await warehouse.merge({ ...input, replace: true }), refusal: error };
  }
}

async function planIn(
  scratch: string,
  { dataRoot, input, only: idList, database, caps }: PreviewOptions,
  warehouse: PreviewWarehouse,
): Promise<DownloadPreview> {
  await warehouse.publish();
  // The plan is written to the run's folder, which must not be that of the real data root.
  fs.rmSync(dataRootPaths(scratch).runs, { force: true });
  const { select, limit, hosts, collection } = input;
  const only = input.only === null ? null : await copyIds(scratch, dataRoot, idList ?? input.only);
  const request = { select, limit, only, hosts, collection };
  const { pages } = await planDownloads({
    dataRoot: scratch,
    runId: RUN,
    request,
    caps,
    workers: 1,
    database,
  });
  const plan = { dataRoot: scratch, runId: RUN, pages };
  const meanBytes = await warehouse.meanBytesByAuthority();
  return previewDownload({ plan, budgets: { hosts, caps, workers: 1 }, meanBytes });
}

async function copyIds(scratch: string, dataRoot: string, given: string): Promise<string> {
  const file = path.isAbsolute(given)
    ? given
    : await resolveUserFile({ dataRoot, given, field: 'only', missing: 'input' });
  // The ids in a file with the extension .ndjson are JSON strings.
  const name = `only${path.extname(file)}`;
  fs.copyFileSync(file, path.join(scratch, name));
  return name;
}
