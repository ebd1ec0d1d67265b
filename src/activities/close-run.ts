/** The last activity of a run: its report and its summary. */
import { log } from '@temporalio/activity';
import type { Config } from '../config';
import type { CloseRunInput } from '../contract/payloads';
import type { Summary } from '../contract/run-record';
import { readRun, writeSummary } from '../files/run/run-records';
import { unrecordedRequests } from '../files/run/unrecorded-requests';
import { sweepTempFiles } from '../files/temp-names';
import type { PreparedProcesses } from '../processes/prepared-processes';
import { drawReport } from '../report/draw-report';
import { factsOfRun } from '../report/report-facts';
import type { RunLog } from './run-log';
import { shortText } from './short-error';

/**
 * How long drawing may take, in milliseconds. The activity has a minute, and the end of a run must
 * not wait long for its report. The command `report` has no limit.
 */
const DRAWING_MS = 30_000;

interface ClosingTools {
  readonly config: Pick<Config, 'dataRoot' | 'database'>;
  /** Processes that may have been started ahead. */
  readonly prepared: PreparedProcesses;
  readonly runLog: RunLog;
}

/**
 * Draws the report, writes summary.json, once, and cleans up `tmp/`. A report that cannot be drawn
 * is a line in the summary, and changes nothing else.
 */
export async function closeRun(
  { config, prepared, runLog }: ClosingTools,
  input: CloseRunInput,
): Promise<Summary> {
  const { dataRoot: root } = config;
  const { runId, life } = input;
  const complete = completeSummary(root, input);
  const summary = { ...complete, ...(await reportOf(config, prepared, complete)) };
  if (writeSummary({ root, runId, life, summary })) {
    sweepTempFiles({ root, runId });
    runLog.closed(summary);
  }
  return summary;
}

/** Adds the requests without a ledger line to the summary. The workflow does not know of them. */
function completeSummary(root: string, { runId, summary }: CloseRunInput): Summary {
  const { run, ...rest } = summary;
  const requests = run.requests + unrecordedRequests(root, runId);
  return { v: 1, ...rest, run: { ...run, requests } };
}

async function reportOf(
  { dataRoot, database }: ClosingTools['config'],
  prepared: PreparedProcesses,
  summary: Summary,
): Promise<Pick<Summary, 'report' | 'reportProblem'>> {
  try {
    const stored = readRun({ root: dataRoot, runId: summary.runId });
    if (stored === null) return {};
    const { run, progress } = stored;
    const facts = factsOfRun({ dataRoot, run, entry: progress, summary });
    const signal = AbortSignal.timeout(DRAWING_MS);
    return { report: await drawReport({ dataRoot, facts, database, prepared, signal }) };
  } catch (error) {
    const reportProblem = shortText(error instanceof Error ? error.message : String(error));
    log.warn('the report of the run could not be drawn', { reportProblem });
    return { reportProblem };
  }
}
