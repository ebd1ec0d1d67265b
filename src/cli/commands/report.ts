/** `report`: draws the report of a run again, from its files and the published snapshot. */
import path from 'node:path';
import { readStatus } from '../../files/run/run-status';
import { readRun } from '../../files/run/run-records';
import { drawReport } from '../../report/draw-report';
import { factsOfRun } from '../../report/report-facts';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { selectRuns } from '../select-runs';
import { UsageError } from '../usage-error';

/**
 * Prints the path of the report.
 *
 * @param run a run id or a workflow id, whose newest run is meant; by default the newest run.
 * @throws UsageError when the run is unknown; StepError db_*, disk_*.
 */
export async function report(
  { config, terminal }: CommandContext,
  run: string | undefined,
): Promise<ExitCode> {
  const { dataRoot, database } = config;
  const [entry] = selectRuns(await readStatus(dataRoot, new Date()), run).runs;
  const stored = entry === undefined ? null : readRun({ root: dataRoot, runId: entry.runId });
  if (entry === undefined || stored === null)
    throw new UsageError('there is no run in this data root to draw a report of');
  const { run: file, summary } = stored;
  const facts = factsOfRun({ dataRoot, run: file, entry, summary });
  const drawn = await drawReport({ dataRoot, facts, database });
  terminal.data(`${path.join(dataRoot, drawn)}\n`);
  return EXIT.fine;
}
