/**
 * The facts about a run that its report takes from the files of the run. All others come from the
 * snapshot.
 */
import { rejectHints } from '../contract/catalog/catalog-counts';
import { artemisCommand, statusCommand } from '../contract/commands/printed-command';
import { shellWord } from '../contract/commands/shell-word';
import type { ResolvedInput, RunInput } from '../contract/run-input';
import {
  FINAL_STATES,
  REPAIR_WORKFLOW_ID,
  type RunEntry,
  type RunFile,
  type Summary,
} from '../contract/run-record';
import type { ReportJob } from './report-job';

export type RunFacts = Omit<ReportJob, 'publishedAt' | 'drawnAt' | 'database'>;

/**
 * @param entry the run's entry in `status`, or its last progress record; null before the first.
 * @param summary how the run ended; null while it is under way or was cut off.
 */
export function factsOfRun(options: {
  readonly dataRoot: string;
  readonly run: RunFile;
  readonly entry: Pick<RunEntry, 'state' | 'step' | 'cutOff'> | null;
  readonly summary: Pick<Summary, 'state' | 'endedAt'> | null;
}): RunFacts {
  const { dataRoot, run, entry, summary } = options;
  const { runId, workflowId, startedAt, input, catalog } = run;
  const state = summary?.state ?? (entry?.cutOff === true ? 'cut off' : entry?.state);
  return {
    dataRoot,
    runId,
    workflowId,
    state: state ?? 'running',
    collection: input.collection ?? null,
    startedAt,
    endedAt: summary?.endedAt ?? null,
    reason: reasonOf(state, entry),
    asked: askedFor(run),
    rejectHints: catalog?.counts === undefined ? [] : [...rejectHints(catalog.counts)],
    commands: commandsFor(dataRoot, workflowId, input, runId),
  };
}

/** A completed run may have a reason at a step that was skipped, which is no reason for its end. */
function reasonOf(
  state: string | undefined,
  entry: Pick<RunEntry, 'step'> | null,
): ReportJob['reason'] {
  if (state === 'completed' || entry?.step == null) return null;
  const { code, detail } = entry.step;
  return detail === null && code === null ? null : { code, detail: detail ?? '' };
}

/** Only fields that contain no secret: a template of URLs or a header may have one. */
function askedFor({ input, catalog }: RunFile): ReportJob['asked'] {
  const { columns, steps, limit, only } = input;
  const pairs: [string, string | null | undefined][] = [
    ['Catalog', textOf(input.catalog)],
    ['Its size in bytes', catalog === null ? null : String(catalog.bytes)],
    ['Its sha256', catalog?.sha256],
    ['Collection', input.collection],
    ['Column of the ids', textOf(columns?.id)],
    ['Column of the URLs', textOf(columns?.url)],
    ['Steps', steps?.join(', ')],
    ['Images', input.select],
    ['Rows at most', limit == null ? null : String(limit)],
    ['Only the ids of', only],
    ['Check of the images', input.verify],
  ];
  return pairs.flatMap(([name, value]) => (value == null ? [] : [[name, value]]));
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(', ');
}

/**
 * A run without a catalog takes the collection's last one, with its input. What a repair leaves is
 * taken up by the next run of the collection, which must not have the workflow id of repairs.
 */
function commandsFor(
  dataRoot: string,
  workflowId: string,
  { collection, only }: RunInput | ResolvedInput,
  runId: string,
): ReportJob['commands'] {
  const command = (...words: readonly string[]): string =>
    artemisCommand(words.join(' '), dataRoot);
  const isRepair = workflowId === REPAIR_WORKFLOW_ID;
  const run = [
    'run',
    ...(collection === undefined ? [] : ['--collection', shellWord(collection)]),
    ...(isRepair ? [] : ['--workflow-id', shellWord(workflowId)]),
  ];
  return {
    again: command(...run),
    againFailed: only == null ? command(...run, '--select', 'failed') : null,
    status: statusCommand(workflowId, dataRoot),
    verify: command('verify', '--deep'),
    report: command('report', shellWord(runId)),
  };
}

/** Whether a run in this state has ended. */
export function hasEnded(state: string): boolean {
  return state === 'cut off' || [...FINAL_STATES].some((final) => final === state);
}
