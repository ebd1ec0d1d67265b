/**
 * `run CATALOG`: starts `runPipeline`, shows its progress, and starts the server and workers that
 * are missing.
 */
import { configuredConnection } from '../../server/configured-connection';
import { runningServer } from '../../server/dev-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { placeCatalogs } from '../run/place-catalog';
import { runAndReport } from '../run/run-and-report';
import { runRequest, startCommand, type RunOptions } from '../run/run-request';

/** @throws StepError `input` or `catalog_missing`, or UsageError, before anything is started. */
export async function run(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const { config, terminal } = context;
  const catalog = await placeCatalogs(config.dataRoot, options.catalogs, options.format);
  const format = options.format ?? catalog.format;
  const request = runRequest(format === undefined ? options : { ...options, format }, catalog.path);
  if (options.dryRun === true) {
    const server =
      configuredConnection(config.env) ?? (await runningServer(config.dataRoot))?.settings ?? null;
    terminal.say(startCommand(request, config.queuePrefix, server));
    return EXIT.fine;
  }
  catalog.place();
  return runAndReport(context, request);
}
