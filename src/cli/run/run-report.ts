/** What `run` prints when a run has ended. */
import path from 'node:path';
import { bytesText, countText, durationText } from '../../contract/quantities';
import {
  artemisCommand,
  collectionOption,
  ourTemporalCommand,
  workerCommand,
  type TerminalPlace,
} from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import { embeddingsSentence } from '../../contract/embeddings/embedding';
import { clustersSentence } from '../../contract/derived/cluster-counts';
import type { ImageCode } from '../../contract/outcome';
import { placeholderSentence, placeholdersQuery } from '../../contract/placeholders';
import {
  featuresSentence,
  unknownIdsSentence,
  type StepStatus,
  type Summary,
} from '../../contract/run-record';
import { rejectLines } from '../reject-lines';
import { printable } from '../terminal';

/**
 * A few lines: how the run ended, what the collection has now, what failed, and which catalog rows
 * were rejected.
 *
 * @param again the command that also asks for what failed for good; null without one.
 */
export function summaryText(summary: Summary, dataRoot: string, again: string | null): string {
  const { counts, run, state, seconds } = summary;
  return [
    `${state} after ${durationText(seconds)}: ${run.stored} stored (${bytesText(run.bytes)}), ${run.notModified} not modified, ${run.failed} failed of ${run.planned} planned; ${run.requests} requests`,
    ...failureLines(summary),
    `the collection${summary.collection === undefined ? '' : ` ${summary.collection}`}: ${counts.images} images, ${counts.stored} stored, ${counts.failed} failed, ${counts.pending} pending, ${counts.noUrl} without a URL`,
    ...(summary.refused ?? []).map(
      ({ host, code, detail }) =>
        `  ${printable(host)} refused everything (${code}: ${printable(detail)}): the next run asks it again`,
    ),
    ...(summary.unknownIds === undefined
      ? []
      : [`  ${printable(unknownIdsSentence(summary.unknownIds))}`]),
    ...permanentLines(summary, dataRoot, again),
    ...placeholderLines(summary, dataRoot),
    ...(summary.features === undefined ? [] : [`features: ${featuresSentence(summary.features)}`]),
    ...(summary.embeddings === undefined
      ? []
      : [`embeddings: ${embeddingsSentence(summary.embeddings)}`]),
    ...(summary.clusters === undefined ? [] : [`clusters: ${clustersSentence(summary.clusters)}`]),
    ...modelLines(summary, dataRoot),
    ...(summary.derivedProblems ?? []).map(
      ({ detail }) => `  left out of the snapshot: ${printable(detail)}`,
    ),
    ...(summary.catalog == null ? [] : rejectLines(summary.catalog, summary.runId, dataRoot)),
    ...reportLines(summary, dataRoot),
    ...analysisLines(summary, dataRoot),
  ].join('\n');
}

/** Where the report is, or why there is none; nothing for a run of a build without reports. */
function reportLines(
  { report, reportProblem, runId }: Summary,
  dataRoot: string,
): readonly string[] {
  if (report !== undefined) return [`report: ${path.join(dataRoot, report)}`];
  if (reportProblem === undefined) return [];
  const command = artemisCommand(`report ${shellWord(runId)}`, dataRoot);
  return [`report: it could not be drawn (${printable(reportProblem)}). To draw it: ${command}`];
}

/**
 * The command that computes what is in the pictures, after a run without any of these steps that
 * leaves images without features: those that it stored, or those of which a former run, or a former
 * version, has other features or none.
 */
function analysisLines(summary: Summary, dataRoot: string): readonly string[] {
  const { state, run, collection, counts, features, embeddings, clusters, models } = summary;
  const isAnalysed = [features, embeddings, clusters, models].some((step) => step !== undefined);
  // Workers of older builds do not report how many images are without features.
  const { withoutFeatures = run.stored } = counts;
  if (state !== 'completed' || withoutFeatures === 0 || isAnalysed) return [];
  const steps = '--steps features,clusters,aggregates,publish';
  const command = artemisCommand(`run${collectionOption(collection)} ${steps}`, dataRoot);
  return [
    `${countText(withoutFeatures, 'stored image')} without features. To compute near duplicates, sharpness, colours and models of what is stored: ${command}`,
  ];
}

/** Each code with the number of its images, and their most frequent detail. */
function failureLines({ codes, details = {} }: Summary): readonly string[] {
  return (Object.entries(codes) as [ImageCode, number][]).map(([code, images]) => {
    const common = details[code];
    if (common === undefined) return `  ${code}: ${images}`;
    const share = common.images >= images ? '' : `${common.images} of them: `;
    return `  ${code}: ${images} (${share}${printable(common.detail)})`;
  });
}

/** Files that a host sent instead of many of its images, and the command that lists these. */
function placeholderLines({ placeholders = [] }: Summary, dataRoot: string): readonly string[] {
  if (placeholders.length === 0) return [];
  const query = shellWord(placeholdersQuery(placeholders));
  return [
    ...placeholders.map((found) => `  ${printable(placeholderSentence(found))}`),
    `  All of them: ${artemisCommand(`query ${query}`, dataRoot)}`,
  ];
}

/** What became of the models and checks, and the command that lists the checks. */
function modelLines({ models }: Summary, dataRoot: string): readonly string[] {
  if (models === undefined) return [];
  const { built, failed, skipped, checksPassed, checksWarned, checksFailed } = models;
  const query = "SELECT * FROM check_result WHERE state <> 'passed'";
  return [
    `models: ${built} built, ${failed} failed, ${skipped} skipped; checks: ${checksPassed} passed, ${checksWarned} with warnings, ${checksFailed} failed`,
    ...models.failedChecks.map(
      ({ name, badRows }) => `  the check ${name} failed: ${badRows} rows`,
    ),
    ...(checksFailed + checksWarned === 0
      ? []
      : [`  With an example of each: ${artemisCommand(`query ${shellWord(query)}`, dataRoot)}`]),
  ];
}

/** Codes of images whose hosts could not be reached. */
const UNREACHED: ReadonlySet<string> = new Set(['connect', 'dns', 'timeout']);

/**
 * @param variables those that name a proxy, which images do not use.
 * @returns null unless no host was reached and a proxy may be the only way.
 */
export function proxyHint(
  { run, codes }: Pick<Summary, 'run' | 'codes'>,
  variables: readonly string[],
): string | null {
  const isNoneReached = Object.keys(codes).every((code) => UNREACHED.has(code));
  if (variables.length === 0 || run.failed === 0 || run.stored + run.notModified > 0) return null;
  if (!isNoneReached) return null;
  return `No host was reached. ${variables.join(', ')} ${variables.length === 1 ? 'is' : 'are'} set and not used for images; ARTEMIS_PROXY=environment uses it.`;
}

/**
 * The number of images that later runs do not request unless they are told to, and the command that
 * requests them.
 */
function permanentLines(
  { counts }: Summary,
  dataRoot: string,
  again: string | null,
): readonly string[] {
  const { permanent = 0 } = counts;
  if (permanent === 0) return [];
  const query = `SELECT source_image_id, last_error_code, thumb_url FROM image WHERE state = 'failed' AND NOT last_error_retryable`;
  return [
    `  ${permanent} failed for good: another run does not ask for them. One with --select failed does${again === null ? '.' : ':'}`,
    ...(again === null ? [] : [`  ${again}`]),
    `  All of them: ${artemisCommand(`query ${shellWord(query)}`, dataRoot)}`,
  ];
}

/** What is parked, why, and the commands that retry it or end the run. */
export function parkedText(
  workflowId: string,
  step: StepStatus | null,
  place: TerminalPlace,
): string {
  const update = (name: string, input: object): string =>
    `  ${ourTemporalCommand(
      `workflow update execute --workflow-id ${shellWord(workflowId)} --name ${name} --input ${shellWord(JSON.stringify(input))}`,
      place,
    )}`;
  return [
    `The step ${step?.name ?? ''} is parked: ${step?.code ?? ''}: ${step?.detail ?? ''}`,
    `Correct that, then (with "${workerCommand('all', place)}" running in another terminal):`,
    update('retryStep', { step: step?.name }),
    'or give the run up:',
    update('abortRun', { reason: 'given up' }),
  ].join('\n');
}

/** The text for a run that other commands started and whose workers continue. */
export function leftText(workflowId: string, place: TerminalPlace): string {
  return [
    `The run ${workflowId} continues: other processes started it and work on it. To end it:`,
    `  ${ourTemporalCommand(`workflow cancel --workflow-id ${shellWord(workflowId)}`, place)}`,
  ].join('\n');
}

/** The failure that ended a workflow, as a line; empty for a cancellation. */
export function failureText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error) || cause.name === 'CancelledFailure') return '';
  const code = failureCode(error);
  return `${code === null ? '' : `${code}: `}${cause.message}\n`;
}

/** The type of the failure that ended a workflow: a step code, `aborted` or another one. */
export function failureCode(error: unknown): string | null {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'type' in cause ? String(cause.type) : null;
}
