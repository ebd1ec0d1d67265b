/**
 * Resolves files that a run's input names. They must lie in the data root, must not lead out of it
 * through a link, and must not be files of the pipeline itself.
 */
import { access, constants, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { StepError } from '../contract/errors';
import type { StepCode } from '../contract/errors';
import { errorCode } from './error-code';

const OWN_NAMES: ReadonlySet<string> = new Set([
  'runs',
  'raw',
  'tmp',
  'derived',
  'embeddings',
  'previews',
  'quarantine',
  'verify',
  'temporal',
  'lease',
  'artemis.json',
  'warehouse.lock',
]);
const OWN_DATABASE = /^warehouse\b.*\.duckdb\b/;

export interface UserFileOptions {
  readonly dataRoot: string;
  /** The path as the input states it, relative to the data root. */
  readonly given: string;
  /** The input field, for messages: `catalog`, `only`. */
  readonly field: string;
  /** The error code when the file does not exist or cannot be used. */
  readonly missing: StepCode;
}

/**
 * Resolves a file of the input to its real, absolute path.
 *
 * @throws StepError `input` when the file is outside the data root, leads out of it through a link,
 *   or is a file of the pipeline itself; `options.missing` when it does not exist, is not a regular
 *   file, or cannot be read.
 */
export async function resolveUserFile(options: UserFileOptions): Promise<string> {
  const lexical = lexicalPath(options);
  refuseForeignPath(path.resolve(options.dataRoot), lexical, options);
  const root = await realpath(options.dataRoot);
  const real = await realpath(lexical).catch((error: unknown) => {
    throw missingFileError(
      options,
      `cannot be found (${errorCode(error) ?? String(error)})`,
      error,
    );
  });
  refuseForeignPath(root, real, options);
  const fileStat = await stat(real);
  if (fileStat.isDirectory()) throw missingFileError(options, 'is a directory');
  if (!fileStat.isFile()) throw missingFileError(options, 'is no regular file');
  await access(real, constants.R_OK).catch((error: unknown) => {
    throw missingFileError(options, `cannot be read (${errorCode(error) ?? String(error)})`, error);
  });
  return real;
}

/**
 * Resolves the file of ids that the input names in `only`; null where it names none.
 *
 * @throws StepError `input`.
 */
export async function resolveIdList(dataRoot: string, only: string | null): Promise<string | null> {
  if (only === null) return null;
  return resolveUserFile({ dataRoot, given: only, field: 'only', missing: 'input' });
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

/**
 * Refuses paths outside `root` and the pipeline's own files. Names are compared without case
 * because some file systems ignore case.
 */
function refuseForeignPath(
  root: string,
  absolute: string,
  { field, given }: UserFileOptions,
): void {
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

function missingFileError(
  { field, given, missing: code }: UserFileOptions,
  problem: string,
  cause?: unknown,
) {
  return new StepError(
    code,
    `\`${field}\` ${JSON.stringify(given)} ${problem}: give the path of a file, relative to the data root.`,
    { cause },
  );
}
