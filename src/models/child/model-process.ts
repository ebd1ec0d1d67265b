/** The process that builds models. `buildModels` starts it in a scratch folder of its own. */
import { randomUUID } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Origin } from '../../processes/attached-files';
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import { modelJob, type ModelBuild, type ModelJob } from '../model-job';
import { analyseFiles, type AnalysedFile } from './analyse-files';
import { buildTables } from './build-tables';
import { contentFingerprint } from './content-fingerprint';
import { openModelConnection, openParserConnection } from './model-connection';
import { publishedBuild } from './published-build';
import { recordBuild } from './record-build';

async function buildFromSnapshot(job: ModelJob): Promise<ModelBuild> {
  const open = job.mode === 'names' ? openParserConnection : openModelConnection;
  const { instance, connection } = await open(job.database);
  const origin = await originOf(connection, job);
  const published = await reusableBuild(connection, job, origin);
  if (published !== null) return published;
  const files = await analyseFiles(connection, job.files, job.mode);
  const build = await buildTables(connection, chosen(files, job.only), job);
  if (job.mode === 'build') await recordBuild(connection, build, origin);
  connection.closeSync();
  // Closing writes the log into the file.
  instance.closeSync();
  return build;
}

/**
 * Tables that depend on more than the content get a random fingerprint, so that no later run reuses
 * them.
 */
async function originOf(connection: DuckDBConnection, job: ModelJob): Promise<Origin | null> {
  if (job.mode !== 'build' || job.origin === null) return null;
  const fingerprint = await contentFingerprint(connection, job.files);
  return { runId: job.origin.runId, fingerprint: fingerprint ?? randomUUID() };
}

async function reusableBuild(
  connection: DuckDBConnection,
  job: ModelJob,
  origin: Origin | null,
): Promise<ModelBuild | null> {
  if (origin === null || job.origin?.mayReuse !== true) return null;
  return publishedBuild(connection, origin.fingerprint);
}

/** The files with these names, and the models that they need, in the same order. */
function chosen(
  files: readonly AnalysedFile[],
  only: readonly string[] | null,
): readonly AnalysedFile[] {
  if (only === null) return files;
  const names = new Set<string>();
  const add = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    for (const file of files) if (file.name === name) file.needs.forEach(add);
  };
  only.forEach(add);
  return files.filter(
    ({ kind, name }) => names.has(name) && (kind === 'model' || only.includes(name)),
  );
}

serveProcess(modelJob, (job) =>
  buildFromSnapshot(job).catch((error: unknown) => {
    throw asStepError(error, 'db_corrupt');
  }),
);
