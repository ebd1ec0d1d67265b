/**
 * `run CATALOG`: starts `runPipeline`, shows its progress, and starts the server and workers that
 * are missing.
 */
import { taskQueues } from '../../contract/task-queues';
import { configuredConnection } from '../../server/configured-connection';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { checkBeforeRun } from '../run/check-before-run';
import { placeCatalogs } from '../run/place-catalog';
import { runAndReport } from '../run/run-and-report';
import { runRequest, temporalCommand, type RunOptions } from '../run/run-request';

/**
 * @throws StepError `input` or `catalog_missing`, or UsageError, also for what the beginning of the
 *   catalog shows, before anything is started.
 */
export async function run(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const { config, terminal } = context;
  const catalog = await placeCatalogs(config.dataRoot, options.catalogs, options.format);
  const format = options.format ?? catalog.format;
  const request = runRequest(format === undefined ? options : { ...options, format }, catalog.path);
  await checkBeforeRun(context, options.catalogs, request);
  const server = configuredConnection(config.env);
  terminal.say(temporalCommand(request, taskQueues(config.queuePrefix).pipeline, server));
  if (options.dryRun === true) return EXIT.fine;
  catalog.place();
  return runAndReport(context, request);
}
