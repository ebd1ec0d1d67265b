/** Status in words. */
import type { RunEntry } from '../contract/run-record';
import type { StatusReport } from '../files/run-status';
import { printable } from './terminal';

/** Runs that are listed; all are in `--json`. */
const MOST_RUNS = 10;

export function statusText({ runs, warehouse, snapshot }: StatusReport, dataRoot: string): string {
  if (runs.length === 0) return `No runs yet in ${dataRoot}.\n`;
  const lines = runs.slice(0, MOST_RUNS).flatMap(runLines);
  if (runs.length > MOST_RUNS)
    lines.push(`… and ${runs.length - MOST_RUNS} earlier runs (--json lists all)`);
  lines.push(
    '',
    `warehouse: ${warehouseWords(warehouse)}`,
    `snapshot:  ${snapshotWords(snapshot)}`,
  );
  return `${lines.join('\n')}\n`;
}

function runLines(run: RunEntry): readonly string[] {
  const done = run.stored + run.notModified;
  const counts = `${done} done, ${run.failed} failed of ${run.planned} planned · ${run.committed} committed · ${bytesText(run.bytes)}`;
  const pace =
    run.state === 'running' && run.ratePerSecond > 0
      ? ` · ${run.ratePerSecond.toFixed(1)}/s${run.secondsLeft === null ? '' : `, ${durationText(run.secondsLeft)} left`}`
      : '';
  return [
    `${run.workflowId}  ${stateWords(run)}`,
    `  ${counts}${pace}`,
    `  run ${run.runId}, started ${run.startedAt}`,
    ...reason(run),
  ];
}

function stateWords(run: RunEntry): string {
  const step = run.step === null ? '' : ` (${run.step.name})`;
  if (run.cutOff) return `cut off${step}, as of ${run.updatedAt}: start it again to go on`;
  return `${run.state}${run.state === 'running' || run.state === 'parked' ? step : ''}`;
}

function reason({ step }: RunEntry): readonly string[] {
  if (step?.code == null) return [];
  return [`  ${step.code}: ${printable(step.detail ?? '')}`];
}

function warehouseWords({ present, bytes, lockedBy }: StatusReport['warehouse']): string {
  if (!present) return 'not there yet';
  return `${bytesText(bytes)}, ${lockedBy === null ? 'not locked' : `locked by ${lockedBy}`}`;
}

function snapshotWords({ publishedAt }: StatusReport['snapshot']): string {
  return publishedAt === null ? 'not there yet' : `published ${publishedAt}`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

/** **Units** seconds in. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h ${Math.round((seconds % 3_600) / 60)} min`;
}
