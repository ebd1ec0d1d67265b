/** `status`: shows the progress of runs, from the disk alone. */
import { setTimeout as delay } from 'node:timers/promises';
import { missingOnDisk } from '../../files/missing-on-disk';
import { readStatus, type StatusReport } from '../../files/run/run-status';
import { writerState } from '../../files/process/writer-state';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { selectRuns } from '../select-runs';
import { statusText } from '../status-text';

export interface StatusOptions {
  /** A run id or a workflow id. */
  readonly run?: string | undefined;
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** The pause between two updates of `--watch`, in milliseconds. */
const WATCH_EVERY_MS = 1_000;

/**
 * An empty data root is not an error.
 *
 * @throws UsageError when the run is unknown.
 */
export async function status(context: CommandContext, options: StatusOptions): Promise<ExitCode> {
  for (;;) {
    const report = selectRuns(await readStatus(context.config.dataRoot, new Date()), options.run);
    printStatus(context, report, options);
    if (options.watch !== true) return EXIT.fine;
    await delay(WATCH_EVERY_MS);
  }
}

function printStatus(
  { config, terminal }: CommandContext,
  report: StatusReport,
  options: StatusOptions,
): void {
  if (options.json === true) {
    terminal.data(`${JSON.stringify(report, null, options.watch === true ? 0 : 2)}\n`);
    return;
  }
  if (options.watch === true && process.stdout.isTTY) terminal.data('\u001b[2J\u001b[H');
  const { dataRoot } = config;
  const root = { dataRoot, missing: missingOnDisk(dataRoot) };
  terminal.data(statusText(report, writerState(dataRoot), root));
}
