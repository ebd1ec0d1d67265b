/**
 * Activities of the queue `artemis-plan`. They read the catalog, write the plan, and keep the lease
 * and the records of runs. DuckDB runs only in child processes.
 */
import { Context, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Config } from '../config';
import { parseCatalog } from '../catalog/parse-catalog';
import type {
  AwaitLeaseInput,
  AwaitLeaseResult,
  BindModelsInput,
  BindModelsResult,
  BuildModelsInput,
  BuildModelsResult,
  CloseRunInput,
  FindClustersInput,
  FindClustersResult,
  OpenRunInput,
  OpenRunResult,
  ParseCatalogInput,
  ParseCatalogResult,
  PlanDownloadsInput,
  PlanDownloadsResult,
  ReadPlanPageInput,
  ReadPlanPageResult,
  RecallBatchesInput,
  RecordProgressInput,
} from '../contract/payloads';
import type { ComputeEmbeddingsInput } from '../contract/embeddings/embedding';
import type { PlanFeaturesInput, PlanFeaturesResult } from '../contract/features/feature-payloads';
import type { FindObstacleInput, Obstacle } from '../contract/obstacle';
import type { CommandServer } from '../contract/commands/printed-command';
import type { IngestProgress, Summary } from '../contract/run-record';
import { taskQueues } from '../contract/task-queues';
import { requestDrain } from '../files/run/drain-request';
import { createAwaitLease } from './await-lease';
import { findObstacle } from '../obstacles/find-obstacle';
import { openRun } from './open-run';
import { computeEmbeddingsOfRun } from './compute-embeddings-of-run';
import { findClustersOfRun } from './find-clusters-of-run';
import { bindModelsOfRun, buildModelsOfRun } from './build-models-of-run';
import { closeRun } from './close-run';
import { createRunLog } from './run-log';
import { scriptsAfterIngest, scriptsOfEnd } from './scripts-of-run';
import { catalogCounts } from '../contract/catalog/catalog-counts';
import { removeIngestProgress, writeIngestProgress } from '../files/run/ingest-progress';
import { recordCatalog, writeProgress } from '../files/run/run-records';
import { livePollers } from '../server/live-pollers';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { FEATURE_SLOTS } from '../features/feature-slots';
import { planFeatures } from '../plan/features/plan-features';
import { planDownloads } from '../plan/plan-downloads';
import { readPlanPage } from '../plan/read-plan-page';
import { withHeartbeat } from './heartbeat';
import { shortText } from './short-error';

/** What the plan activities are bound to. */
interface PlanDependencies {
  readonly config: Config;
  readonly warehouseId: string;
  /** The server of this worker. */
  readonly server: CommandServer;
  /** Child processes that may have been started ahead. */
  readonly prepared: PreparedProcesses;
  /** Called when the reading of a catalog begins. */
  readonly ingestBegins: () => void;
}

/** The plan activities, bound to this worker's data root. */
export function createPlanActivities(dependencies: PlanDependencies) {
  const { config, warehouseId, prepared, server } = dependencies;
  const { dataRoot, queuePrefix } = config;
  const place = { dataRoot, queuePrefix, server };
  const runLog = createRunLog();
  const awaitLease = createAwaitLease(place);
  return {
    /**
     * Checks the input, writes run.json, and returns what the server supports.
     *
     * @throws StepError `input`, disk_*.
     */
    openRun: (input: OpenRunInput): Promise<OpenRunResult> =>
      openRun({ input, config, warehouseId, place, prepared }),
    /**
     * Reads the catalog into catalog.parquet and rejects.ndjson. This happens in a child process
     * with restricted access.
     *
     * @throws StepError catalog_*, `input`.
     */
    parseCatalog: (input: ParseCatalogInput): Promise<ParseCatalogResult> =>
      parseWithHeartbeat(dependencies, input),
    /**
     * Waits until no other run downloads into this data root. Returns early with the name of a run
     * that does.
     */
    awaitLease: (input: AwaitLeaseInput): Promise<AwaitLeaseResult> =>
      awaitLease(input, Context.current().client),
    /**
     * Writes the plan: the lanes with their entries, and the pages of the index.
     *
     * @remarks Idempotent: the same snapshot gives the same plan.
     */
    planDownloads: (input: PlanDownloadsInput): Promise<PlanDownloadsResult> =>
      planWithHeartbeat(config, prepared, input),
    /** Writes the plan of features. Idempotent: the same snapshot gives the same plan. */
    planFeatures: (input: PlanFeaturesInput) => planFeaturesWithHeartbeat(config, input),
    /** Computes embeddings with the model of a user, until the time box ends. */
    computeEmbeddings: (input: ComputeEmbeddingsInput) => computeEmbeddingsOfRun(config, input),
    /** Finds groups of equal and similar images. */
    findClusters: (input: FindClustersInput): Promise<FindClustersResult> =>
      findClustersOfRun(config, input),
    /** Binds models and checks to the columns of the snapshot, and computes nothing. */
    bindModels: createBindModels(config),
    /** Builds the models and asks the checks. */
    buildModels: (input: BuildModelsInput): Promise<BuildModelsResult> =>
      buildModelsOfRun(config, input),
    /** Returns one page of the plan's index. */
    readPlanPage: (input: ReadPlanPageInput): Promise<ReadPlanPageResult> =>
      readPlanPage({ dataRoot, runId: input.runId, page: input.page }),
    /**
     * Asks the running batches up to `throughDispatch` to return early. They finish the requests
     * that are under way.
     */
    recallBatches: ({ runId, throughDispatch }: RecallBatchesInput): Promise<void> => {
      requestDrain({ root: dataRoot, runId }, throughDispatch);
      return Promise.resolve();
    },
    /**
     * Returns the obstacle to an activity that the calling workflow waits for; null when the
     * activity has ended.
     */
    findObstacle: (input: FindObstacleInput): Promise<Obstacle | null> =>
      findObstacle({
        input,
        place,
        client: Context.current().client,
        patienceMs: config.tuning.lockPatienceSeconds * 1_000,
      }),
    /** Replaces progress.json. An older record is ignored. */
    recordProgress: (input: RecordProgressInput): Promise<void> => {
      writeProgress({ root: dataRoot, runId: input.runId, progress: input.progress });
      prepared.start(scriptsOfEnd(input.progress));
      runLog.recorded(input.progress);
      return Promise.resolve();
    },
    /**
     * Draws the report, writes summary.json, once, and cleans up `tmp/`. Writes no summary for a
     * workflow execution that a reset ended, because the run continues and uses `tmp/`.
     */
    closeRun: (input: CloseRunInput): Promise<Summary> =>
      closeRun({ config, prepared, runLog }, input),
  };
}

/** The input only names the run and the data root, for the interceptors. */
function createBindModels(config: Config): (input: BindModelsInput) => Promise<BindModelsResult> {
  return () => bindModelsOfRun(config);
}

function parseWithHeartbeat(
  { config, prepared, ingestBegins }: PlanDependencies,
  { runId, input }: ParseCatalogInput,
): Promise<ParseCatalogResult> {
  const { dataRoot, database } = config;
  const place = { root: dataRoot, runId };
  const startedAt = performance.now();
  let progress: IngestProgress = { rows: 0, ratePerSecond: 0 };
  const onRows = (rows: number): void => {
    const seconds = (performance.now() - startedAt) / 1_000;
    progress = { rows, ratePerSecond: Math.round(rows / seconds) };
    writeIngestProgress(place, progress);
  };
  return withHeartbeat({
    details: () => progress,
    work: async (signal) => {
      const options = { dataRoot, runId, input, database, prepared, onRows, signal };
      const parsing = parseCatalog(options).finally(() => {
        removeIngestProgress(place);
      });
      prepared.start(scriptsAfterIngest(input.steps));
      ingestBegins();
      const parsed = await parsing;
      recordCatalog({
        root: dataRoot,
        runId,
        catalog: { ...parsed.catalog, counts: catalogCounts(parsed) },
      });
      return parsed;
    },
  });
}

function planFeaturesWithHeartbeat(
  { dataRoot, database }: Config,
  request: PlanFeaturesInput,
): Promise<PlanFeaturesResult> {
  const { runId } = request;
  return withHeartbeat({
    work: async (signal) => {
      const plan = await planFeatures({ dataRoot, runId, request, database, signal });
      const { cpuSeconds, ...files } = plan;
      return { ...files, expectedSeconds: Math.ceil(cpuSeconds / FEATURE_SLOTS) };
    },
  });
}

function planWithHeartbeat(
  { dataRoot, database, download, queuePrefix }: Config,
  prepared: PreparedProcesses,
  request: PlanDownloadsInput,
): Promise<PlanDownloadsResult> {
  const caps = {
    connections: download.maxConnectionsPerHost,
    requestsPerSecond: download.maxRequestsPerSecond,
  };
  const { client } = Context.current();
  return withHeartbeat({
    work: async (signal) => {
      const workers = await countDownloadWorkers(client, queuePrefix);
      const { runId } = request;
      const options = { dataRoot, runId, request, caps, workers, database, prepared, signal };
      const plan = await planDownloads(options);
      if (plan.pages === 0) return plan;
      const { lanes } = await readPlanPage({ dataRoot, runId, page: 0 });
      return { ...plan, firstLanes: lanes };
    },
  });
}

/**
 * Returns 1 when Temporal does not report the workers. Such a plan works with any number of
 * workers, but distributes no host over several of them.
 */
async function countDownloadWorkers(client: Client, queuePrefix: string): Promise<number> {
  const { download } = taskQueues(queuePrefix);
  try {
    return Math.max(1, (await livePollers(client, 'download', download)).length);
  } catch (error) {
    log.warn(
      'Temporal does not report how many download workers there are: this run is planned for one',
      {
        error: shortText(String(error)),
      },
    );
    return 1;
  }
}

export type PlanActivities = ReturnType<typeof createPlanActivities>;
