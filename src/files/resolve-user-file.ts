/** Files that a run's input names: only under the data root, never out of it by a link, never one of our own. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';
import { errorCode } from './error-code';

const OWN_NAMES: ReadonlySet<string> = new Set([
  'runs',
  'raw',
  'tmp',
  'temporal',
  'lease',
  'artemis.json',
  'warehouse.lock',
]);
const OWN_DATABASE = /^warehouse\b.*\.duckdb\b/;

export interface UserFileOptions {
  readonly dataRoot: string;
  /** As the input gives it: relative to the data root. */
  readonly given: string;
  /** What the file is, for messages: `catalog`, `only`. */
  readonly field: string;
  /** The code when there is no such file. */
  readonly missing: StepCode;
}

/**
 * The real, absolute path of a file that the input names.
 *
 * **Errors** {@link StepError} `input` when it is outside the data root, reached by a link out of it, or ours;
 * `options.missing` when nothing is there or it is no regular file.
 */
export async function resolveUserFile(options: UserFileOptions): Promise<string> {
  const lexical = lexicalPath(options);
  refuseForeign(path.resolve(options.dataRoot), lexical, options);
  const root = await realpath(options.dataRoot);
  const real = await realpath(lexical).catch((error: unknown) => {
    throw missing(options, `cannot be found (${errorCode(error) ?? String(error)})`, error);
  });
  refuseForeign(root, real, options);
  const facts = await stat(real);
  if (facts.isDirectory()) throw missing(options, 'is a directory');
  if (!facts.isFile()) throw missing(options, 'is no regular file');
  await access(real, constants.R_OK).catch((error: unknown) => {
    throw missing(options, `cannot be read (${errorCode(error) ?? String(error)})`, error);
  });
  return real;
}

function lexicalPath({ dataRoot, given, field }: UserFileOptions): string {
  if (given === '' || given.includes('\0')) {
    throw new StepError(
      'input',
      `\`${field}\` is ${JSON.stringify(given)}: give a file's path below the data root.`,
    );
  }
  return path.resolve(dataRoot, given);
}

/** Refuses what is outside `root`, and what is ours. Names are compared without case: some file systems do. */
function refuseForeign(root: string, absolute: string, { field, given }: UserFileOptions): void {
  const relative = path.relative(root, absolute);
  const first = relative.split(path.sep)[0] ?? '';
  if (first === '..' || path.isAbsolute(relative)) {
    throw new StepError(
      'input',
      `\`${field}\` ${JSON.stringify(given)} leads out of the data root: copy the file below it, for example to catalogs/.`,
    );
  }
  const name = first.toLowerCase();
  if (OWN_NAMES.has(name) || OWN_DATABASE.test(name)) {
    throw new StepError(
      'input',
      `\`${field}\` ${JSON.stringify(given)} is one of the pipeline's own files: give one of yours, for example below catalogs/.`,
    );
  }
}

function missing({ field, given, missing: code }: UserFileOptions, seen: string, cause?: unknown) {
  return new StepError(
    code,
    `\`${field}\` ${JSON.stringify(given)} ${seen}: give the path of a file, relative to the data root.`,
    { cause },
  );
}
