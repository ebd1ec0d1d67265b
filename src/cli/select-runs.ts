/** The runs that a command is about. */
import type { StatusReport } from '../files/run/run-status';
import { UsageError } from './usage-error';

/**
 * @param run a run id or a workflow id; undefined for all runs.
 * @throws UsageError when no run has that id.
 */
export function selectRuns(report: StatusReport, run: string | undefined): StatusReport {
  if (run === undefined) return report;
  const runs = report.runs.filter((entry) => entry.runId === run || entry.workflowId === run);
  if (runs.length > 0) return { ...report, runs };
  const known = [...new Set(report.runs.map((entry) => entry.workflowId))].slice(0, 10);
  throw new UsageError(
    `there is no run ${JSON.stringify(run)} in this data root. ${known.length === 0 ? 'It has no runs yet.' : `Known: ${known.join(', ')}.`}`,
  );
}
