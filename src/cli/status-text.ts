/** The output of `status` for users. */
import path from 'node:path';
import { bytesText, durationText } from '../contract/quantities';
import { embeddingsSentence } from '../contract/embeddings/embedding';
import { clustersSentence } from '../contract/derived/cluster-counts';
import { featuresSentence, type FeaturesEntry, type RunEntry } from '../contract/run-record';
import type { StatusReport } from '../files/run/run-status';
import { describeHolder, type WriterState } from '../files/process/writer-state';
import { rejectLines } from './reject-lines';
import { rowsText } from './rows-text';
import { printable } from './terminal';

/** The number of runs that are listed. `--json` has all of them. */
const MOST_RUNS = 10;

export function statusText(
  { runs, warehouse, snapshot }: StatusReport,
  writers: WriterState,
  { dataRoot, missing }: { readonly dataRoot: string; readonly missing: 'space' | 'inodes' | null },
): string {
  const writer = `writer:    ${writerText(writers)}`;
  if (runs.length === 0)
    return `No runs yet in ${dataRoot}.\n${writers.writer === null ? '' : `${writer}\n`}`;
  const lines = runs.slice(0, MOST_RUNS).flatMap((run) => runLines(run, dataRoot));
  if (runs.length > MOST_RUNS)
    lines.push(`… and ${runs.length - MOST_RUNS} earlier runs (--json lists all)`);
  lines.push(
    '',
    `warehouse: ${warehouseText(warehouse, writers)}`,
    writer,
    `snapshot:  ${snapshotText(snapshot)}`,
  );
  if (missing !== null)
    lines.push(
      `disk:      FULL, no ${missing} left: no record can be written, so what is shown above may be old. Make room; a run that has parked meanwhile (the Web UI says so) goes on with retryStep`,
    );
  return `${lines.join('\n')}\n`;
}

function runLines(run: RunEntry, dataRoot: string): readonly string[] {
  const done = run.stored + run.notModified;
  const counts = `${done} done, ${run.failed} failed of ${run.planned} planned · ${run.committed} committed · ${bytesText(run.bytes)}`;
  const pace =
    run.state === 'running' && run.ratePerSecond > 0
      ? ` · ${run.ratePerSecond.toFixed(1)}/s${run.secondsLeft === null ? '' : `, ${durationText(run.secondsLeft)} left`}`
      : '';
  return [
    `${run.workflowId}  ${stateText(run)}`,
    run.ingest == null ? `  ${counts}${pace}` : `  ${rowsText(run.ingest)}`,
    `  run ${run.runId}, started ${run.startedAt}${run.collection == null ? '' : `, collection ${run.collection}`}`,
    ...(run.features === undefined ? [] : [`  ${featuresText(run.features, run.state)}`]),
    ...(run.embeddings === undefined
      ? []
      : [`  embeddings: ${embeddingsSentence(run.embeddings)}`]),
    ...(run.clusters === undefined ? [] : [`  ${clustersSentence(run.clusters)}`]),
    ...reasonLines(run),
    ...(run.catalog == null ? [] : rejectLines(run.catalog, run.runId, dataRoot)),
    ...(run.report == null ? [] : [`  report: ${path.join(dataRoot, run.report)}`]),
  ];
}

function featuresText(features: FeaturesEntry, state: RunEntry['state']): string {
  const { planned, computed, failed, ratePerSecond, secondsLeft } = features;
  const isUnderWay = state === 'running' && computed + failed < planned;
  const rate = isUnderWay && ratePerSecond > 0 ? ` · ${ratePerSecond.toFixed(1)}/s` : '';
  const left =
    isUnderWay && secondsLeft !== null ? ` · about ${durationText(secondsLeft)} left` : '';
  return `features: ${featuresSentence(features)}${rate}${left}`;
}

function stateText(run: RunEntry): string {
  const step = run.step === null ? '' : ` (${run.step.name})`;
  if (run.cutOff) return `cut off${step}, as of ${run.updatedAt}: start it again to continue`;
  return `${run.state}${['running', 'parked', 'paused'].includes(run.state) ? step : ''}`;
}

function reasonLines({ step }: RunEntry): readonly string[] {
  if (step === null || (step.code === null && step.detail === null)) return [];
  const code = step.code === null ? '' : `${step.code}: `;
  return [`  ${code}${printable(step.detail ?? '')}`];
}

function warehouseText(
  { present, bytes, lockedBy }: StatusReport['warehouse'],
  { writer, warehouse }: WriterState,
): string {
  if (!present) return 'not there yet';
  if (lockedBy === null) return `${bytesText(bytes)}, not locked`;
  if (warehouse === null || warehouse.pid === writer?.pid)
    return `${bytesText(bytes)}, locked by ${lockedBy}`;
  return `${bytesText(bytes)}, locked by ${describeHolder(warehouse)}; commits wait until it is closed`;
}

function writerText({ writer }: WriterState): string {
  if (writer === null) return 'no warehouse worker is seen';
  return `warehouse.lock is held by ${describeHolder(writer)}`;
}

function snapshotText({ publishedAt }: StatusReport['snapshot']): string {
  return publishedAt === null ? 'not there yet' : `published ${publishedAt}`;
}
