/** The process that builds models. `buildModels` starts it in a scratch folder of its own. */
import { asStepError } from '../../processes/process-failure';
import { serveProcess } from '../../processes/serve-process';
import { modelJob, type ModelBuild, type ModelJob } from '../model-job';
import { analyseFiles, type AnalysedFile } from './analyse-files';
import { buildTables } from './build-tables';
import { openModelConnection, openParserConnection } from './model-connection';
import { recordBuild } from './record-build';

async function buildFromSnapshot(job: ModelJob): Promise<ModelBuild> {
  const isWithoutSnapshot = job.mode === 'names';
  const open = isWithoutSnapshot ? openParserConnection : openModelConnection;
  const { instance, connection } = await open(job.database);
  const files = await analyseFiles(connection, job.files, { isWithoutSnapshot });
  const build = await buildTables(connection, chosen(files, job.only), job);
  if (job.mode === 'build') await recordBuild(connection, build, job);
  connection.closeSync();
  // Closing writes the log into the file.
  instance.closeSync();
  return build;
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
