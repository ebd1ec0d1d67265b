/** Turns the options of `run` into the workflow's id and input. */
import path from 'node:path';
import type { CatalogFile } from '../../catalog/catalog-files';
import type { ResolvedInput } from '../../contract/run-input';
import { staticSummary } from '../../contract/static-details';
import { taskQueues } from '../../contract/task-queues';
import { serverOptions, type CommandServer } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import { parseRunInput } from '../../input/run-input-schema';
import { UsageError } from '../usage-error';

/** The options as commander gives them. */
export interface RunOptions {
  /** Files and folders, relative to the current folder: one catalog. */
  readonly catalogs: readonly string[];
  readonly idColumn?: readonly string[];
  readonly urlColumn?: readonly string[];
  readonly format?: string;
  readonly many?: boolean;
  readonly idFrom?: string;
  /** False with `--no-header`. */
  readonly header?: boolean;
  readonly urlSeparator?: string;
  readonly urlTemplate?: string;
  readonly baseUrl?: string;
  readonly records?: string;
  readonly integerIds?: boolean;
  readonly member?: string;
  readonly imageSize?: string;
  readonly collection?: string;
  readonly replace?: boolean;
  readonly workflowId?: string;
  readonly steps?: string;
  readonly select?: string;
  readonly limit?: string;
  /** A file of ids, relative to the current folder. */
  readonly only?: string;
  readonly verify?: string;
  readonly keep?: string;
  readonly input?: string;
  readonly dryRun?: boolean;
}

/** What to start. `input` is plain JSON, as a user would type it. */
export interface RunRequest {
  readonly workflowId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the checks before a run look at. */
export interface AskedRun {
  readonly options: RunOptions;
  /** In the order in which the run reads them, wherever they are now. */
  readonly files: readonly CatalogFile[];
  readonly input: ResolvedInput;
}

/**
 * Builds the request. Options win over the fields of `--input`.
 *
 * @param catalog the path below the data root.
 * @param only the file of `--only`, likewise.
 * @throws UsageError for invalid JSON; StepError `input`, which names the field.
 */
export function runRequest(options: RunOptions, catalog: string, only?: string): RunRequest {
  const given = parseInputOption(options.input);
  const columns = {
    ...(isObject(given.columns) ? given.columns : {}),
    ...defined({ id: oneOrAll(options.idColumn), url: oneOrAll(options.urlColumn) }),
  };
  const input = {
    ...given,
    catalog,
    ...(Object.keys(columns).length === 0 ? {} : { columns }),
    ...defined({
      format: options.format,
      many: options.many,
      idFrom: options.idFrom,
      header: options.header === false ? false : undefined,
      urlSeparator: options.urlSeparator,
      urlTemplate: options.urlTemplate,
      baseUrl: options.baseUrl,
      records: options.records,
      integerIds: options.integerIds,
      member: options.member,
      imageSize: options.imageSize,
      collection: options.collection,
      replace: options.replace,
      steps: listOf(options.steps),
      select: options.select,
      limit: options.limit === undefined ? undefined : asNumber(options.limit),
      only,
      verify: options.verify,
      keep: listOf(options.keep),
    }),
  };
  parseRunInput(input);
  return { workflowId: options.workflowId ?? idFrom(catalog), input };
}

/** One name as a text: the same input as before there could be several. */
function oneOrAll(names: readonly string[] | undefined): string | readonly string[] | undefined {
  return names?.length === 1 ? names[0] : names;
}

function listOf(words: string | undefined): readonly string[] | undefined {
  return words?.split(',').map((word) => word.trim());
}

/** A number where it is one; else the text, which the input's check then refuses by name. */
function asNumber(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `catalogs/tate_artworks.csv.gz` → `tate_artworks`. */
function idFrom(catalog: string): string {
  const name = path.posix.basename(catalog);
  return name.split('.')[0] === '' ? name : (name.split('.')[0] ?? name);
}

/**
 * The same run as a `temporal` command for a POSIX shell.
 *
 * @param server null where none is configured and none runs. Keys and TLS settings of a server stay
 *   in the environment.
 */
export function startCommand(
  request: RunRequest,
  queuePrefix: string,
  server: CommandServer | null,
): string {
  const taskQueue = taskQueues(queuePrefix).pipeline;
  const options = server === null ? '' : serverOptions(server).join(' ');
  const lines = [
    `temporal workflow start --type runPipeline --task-queue ${shellWord(taskQueue)} --workflow-id ${shellWord(request.workflowId)}`,
    ...(options === '' ? [] : [options]),
    `--static-summary ${shellWord(staticSummary(request.input))}`,
    `--input ${shellWord(JSON.stringify(request.input))}`,
  ];
  return lines.join(' \\\n  ');
}

/** The value of `--input`. */
export function parseInputOption(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw new UsageError(
      `--input is no JSON: ${String(error)}. Give one object, for example '{"publishEvery": 30}'.`,
    );
  }
  throw new UsageError(`--input must be one JSON object; seen: ${text.slice(0, 100)}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
