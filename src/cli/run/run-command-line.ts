/** The command line of `run` with its options, to be pasted into a shell with a change. */
import path from 'node:path';
import { artemisCommand } from '../../contract/commands/printed-command';
import { shellWord } from '../../contract/commands/shell-word';
import type { RunOptions } from './run-request';

const FLAGS = {
  many: '--many',
  integerIds: '--integer-ids',
  replace: '--replace',
  dryRun: '--dry-run',
} as const satisfies Partial<Record<keyof RunOptions, string>>;

type ValueOption = Exclude<keyof RunOptions, keyof typeof FLAGS | 'catalogs' | 'header'>;

/** The options with a value, in the order of the help. The compiler finds one that is missing. */
const VALUE_OPTIONS: Readonly<Record<ValueOption, string>> = {
  idColumn: '--id-column',
  urlColumn: '--url-column',
  format: '--format',
  idFrom: '--id-from',
  urlSeparator: '--url-separator',
  urlTemplate: '--url-template',
  baseUrl: '--base-url',
  records: '--records',
  imageSize: '--image-size',
  member: '--member',
  collection: '--collection',
  workflowId: '--workflow-id',
  steps: '--steps',
  select: '--select',
  limit: '--limit',
  only: '--only',
  verify: '--verify',
  keep: '--keep',
  input: '--input',
};

export function runCommandLine(options: RunOptions, dataRoot: string): string {
  // Absolute, because the command may be pasted in another folder.
  const only = options.only === undefined ? {} : { only: path.resolve(options.only) };
  const given = { ...options, ...only };
  const values = keysOf(VALUE_OPTIONS).flatMap((key) => {
    const value = given[key] ?? [];
    const words = typeof value === 'string' ? [value] : value;
    return words.map((word) => `${VALUE_OPTIONS[key]} ${shellWord(word)}`);
  });
  const flags = keysOf(FLAGS).flatMap((key) => (options[key] === true ? [FLAGS[key]] : []));
  const header = options.header === false ? ['--no-header'] : [];
  const catalogs = options.catalogs.map((catalog) => shellWord(path.resolve(catalog)));
  const words = ['run', ...catalogs, ...values, ...flags, ...header];
  return artemisCommand(words.join(' '), dataRoot);
}

/**
 * What a person may do with a catalog that keeps fewer than half of its collection's images.
 *
 * @param collections names that are taken.
 */
export function otherListingCommands(
  options: RunOptions,
  dataRoot: string,
  collections: readonly string[] = [],
): readonly string[] {
  const name = freeName(options.catalogs[0] ?? '', collections);
  return [
    'Is it another listing? It gets a collection of its own:',
    `  ${runCommandLine({ ...options, collection: name }, dataRoot)}`,
    'Is it the same listing, whole, and changed? Images that it lacks are marked as removed, and their files stay:',
    `  ${runCommandLine({ ...options, replace: true }, dataRoot)}`,
  ];
}

/** A name for a collection, made of that of the catalog. */
function freeName(catalog: string, taken: readonly string[]): string {
  const stem = path.basename(path.resolve(catalog)).split('.')[0] ?? '';
  const plain = stem
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 60);
  const name = plain === '' ? 'other' : plain;
  if (!taken.includes(name)) return name;
  let n = 2;
  while (taken.includes(`${name}-${n}`)) n += 1;
  return `${name}-${n}`;
}

function keysOf<T extends object>(table: T): readonly (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
