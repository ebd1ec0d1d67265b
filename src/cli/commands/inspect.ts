/**
 * `inspect FILE…`: reads the beginning of a catalog, and prints the command that takes all of its
 * images.
 */
import path from 'node:path';
import { inspectCatalog } from '../../catalog/inspect/inspect-catalog';
import { COLLECTION_NAME, COLLECTION_NAME_RULE } from '../../contract/catalog/collection-name';
import { CATALOG_FORMATS, type CatalogFormat } from '../../contract/run-input';
import type { CommandContext } from '../command-context';
import { EXIT, type ExitCode } from '../exit-codes';
import { inspectionText } from '../inspect/inspection-text';
import { curlConfig, fetchManifestsLine } from '../inspect/manifest-commands';
import { runLine } from '../inspect/run-line';
import { leftOutText } from '../run/catalog/files-left-out';
import { filesToTake, formatOfNames } from '../run/catalog/files-to-take';
import { UsageError } from '../usage-error';

/** The options as commander gives them. */
export interface InspectCommandOptions {
  readonly files: readonly string[];
  readonly format?: string;
  readonly collection?: string;
  readonly member?: string;
  readonly json?: boolean;
  readonly manifests?: boolean;
  readonly data?: string;
}

/** @throws StepError that says why the catalog cannot be read; UsageError. */
export async function inspect(
  { terminal, config }: CommandContext,
  options: InspectCommandOptions,
): Promise<ExitCode> {
  const format = knownFormat(options.format);
  refuseCollection(options.collection);
  const files = filesToTake(options.files, format);
  const named = files.length > 1 ? formatOfNames(files) : null;
  const found = await inspectCatalog(
    {
      files: files.map(({ source, name }) => ({ file: path.resolve(source), name })),
      name: options.files.join(' '),
      ...(options.member === undefined ? {} : { member: options.member }),
      database: config.database,
    },
    // Only the content shows whether JSON is IIIF.
    format ?? (named === 'json' ? null : named),
  );
  if (options.manifests === true) {
    terminal.data(curlConfig(options.files, found.references));
    return found.references.length === 0 ? EXIT.usage : EXIT.fine;
  }
  const fetching = found.references.length === 0 ? null : fetchManifestsLine(options.files);
  const line = runLine(options, found) ?? fetching;
  if (options.json === true) {
    terminal.data(`${JSON.stringify({ v: 1, ...found, command: line })}\n`);
    return EXIT.fine;
  }
  const leftOut = leftOutText(options.files, files);
  if (leftOut !== null) terminal.say(leftOut);
  terminal.say(inspectionText(found, fetching));
  if (line !== null) terminal.data(`${line}\n`);
  return line === null ? EXIT.usage : EXIT.fine;
}

function refuseCollection(given: string | undefined): void {
  if (given === undefined || COLLECTION_NAME.test(given)) return;
  throw new UsageError(`--collection ${JSON.stringify(given)} ${COLLECTION_NAME_RULE}`);
}

function knownFormat(given: string | undefined): CatalogFormat | undefined {
  if (given === undefined) return undefined;
  const known = CATALOG_FORMATS.find((format) => format === given);
  if (known !== undefined) return known;
  throw new UsageError(`--format ${given} is none of ${CATALOG_FORMATS.join(', ')}`);
}
