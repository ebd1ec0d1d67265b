/**
 * `run CATALOG`: starts `runPipeline`, shows its progress, and starts the server and workers that
 * are missing. With `--dry-run` it reports what a run would do.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { rememberLook } from '../../catalog/inspect/looked-at';
import { parseRunInput } from '../../input/run-input-schema';
import { configuredConnection } from '../../server/configured-connection';
import { runningServer } from '../../server/embedded/dev-server';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { checkBeforeRun } from '../run/catalog/check-before-run';
import { withLastInput } from '../run/catalog/last-input';
import { leftOutText } from '../run/catalog/files-left-out';
import { filesToTake, inReadingOrder } from '../run/catalog/files-to-take';
import { placeCatalogs } from '../run/catalog/place-catalog';
import { placeIdList } from '../run/catalog/place-id-list';
import { previewText } from '../run/preview-text';
import { refuseOtherListing } from '../run/catalog/refuse-other-listing';
import { prepareToStart, runAndReport } from '../run/run-and-report';
import { otherListingCommands } from '../run/run-command-line';
import { refuseMistakenModels } from '../run/refuse-mistaken-models';
import { refuseUnusableEmbeddings } from '../run/refuse-unusable-embeddings';
import { runRequest, startCommand, type AskedRun, type RunOptions } from '../run/run-request';

/**
 * @throws StepError `input` or `catalog_missing`, or UsageError, also for what the beginning of the
 *   catalog shows, before anything is started.
 */
export async function run(context: CommandContext, given: RunOptions): Promise<ExitCode> {
  const { config, terminal } = context;
  const options = withLastInput(config.dataRoot, given);
  const catalog = await placeCatalogs(config.dataRoot, options.catalogs, options.format);
  const format = options.format ?? catalog.format;
  const ids = options.only === undefined ? null : await placeIdList(config.dataRoot, options.only);
  const request = runRequest(
    format === undefined ? options : { ...options, format },
    catalog.path,
    ids?.path,
  );
  const taken = filesToTake(options.catalogs, format);
  const leftOut = leftOutText(options.catalogs, taken);
  if (leftOut !== null) terminal.say(leftOut);
  const files = inReadingOrder(taken);
  const asked: AskedRun = { options, files, input: parseRunInput(request.input) };
  refuseUnusableEmbeddings(context, asked.input);
  const checks = [checkBeforeRun(context, asked), refuseMistakenModels(context, asked.input)];
  await Promise.all([...checks, options.dryRun === true ? null : prepareToStart(context)]);
  if (options.dryRun === true) {
    const server =
      configuredConnection(config.env) ?? (await runningServer(config.dataRoot))?.settings ?? null;
    terminal.say(startCommand(request, config.queuePrefix, server));
    return preview(context, asked);
  }
  const parsed = await refuseOtherListing(context, asked);
  try {
    catalog.place();
    ids?.place();
    await rememberLook(config.dataRoot, asked.input);
    return await runAndReport(context, request);
  } finally {
    if (parsed !== null) rmSync(parsed, { recursive: true, force: true });
  }
}

/** @throws StepError of a catalog that cannot be read, or that a run would refuse. */
async function preview(
  { config, log, terminal }: CommandContext,
  { options, files, input }: AskedRun,
): Promise<ExitCode> {
  const { dataRoot, database, download } = config;
  const { previewRun } = await import('../../preview/preview-run.js');
  const found = await previewRun({
    dataRoot,
    input,
    files,
    only: options.only === undefined ? undefined : path.resolve(options.only),
    database,
    caps: {
      connections: download.maxConnectionsPerHost,
      requestsPerSecond: download.maxRequestsPerSecond,
    },
    log,
  });
  terminal.data(previewText(found));
  if (found.refusal?.code === 'input')
    terminal.say(otherListingCommands(options, dataRoot).join('\n'));
  if (found.refusal !== null) throw found.refusal;
  return EXIT.fine;
}
