/**
 * The input of `run` without a catalog, which is the input of the latest run that read a catalog of
 * the collection.
 */
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { formatByExtension } from '../../../contract/catalog/catalog-format';
import { collectionText } from '../../../contract/catalog/collection-name';
import { inputAsGiven } from '../../../contract/input-as-given';
import type { ResolvedInput, RunInput } from '../../../contract/run-input';
import { listMerges } from '../../../files/run/merge-mark';
import { readRun } from '../../../files/run/run-records';
import { parseRunInput } from '../../../input/run-input-schema';
import { UsageError } from '../../usage-error';
import { parseInputOption, type RunOptions } from '../run-request';

/** Fields that apply to one run only, or that do not describe the catalog. */
const OF_ONE_RUN: ReadonlySet<string> = new Set([
  'catalog',
  'steps',
  'select',
  'limit',
  'only',
  'replace',
]);

/**
 * @returns the options with that catalog, and in `--input` with the other fields of that input that
 *   are not as they are by default.
 *   Fields that `--input` has already take precedence.
 * @throws UsageError when no run has read a catalog of the collection, or `--input` is no object.
 */
export function withLastInput(dataRoot: string, options: RunOptions): RunOptions {
  if (options.catalogs.length > 0) return options;
  const { collection } = options;
  const merge = listMerges(dataRoot).findLast((one) => one.collection === collection);
  const last = merge === undefined ? null : readRun({ root: dataRoot, runId: merge.runId });
  if (last === null)
    throw new UsageError(
      `run needs a catalog: no run has read one of ${collectionText(collection)} into ${dataRoot} yet. Name the file with the ids and URLs: "run CATALOG"; "run --help" shows the options.`,
    );
  const { input } = last.run;
  const carried = Object.entries(withoutDefaults(input)).filter(
    ([field]) => !OF_ONE_RUN.has(field),
  );
  return {
    ...options,
    catalogs: [path.join(dataRoot, input.catalog)],
    input: JSON.stringify({ ...Object.fromEntries(carried), ...parseInputOption(options.input) }),
  };
}

/** Defaults are filled in where a run records its input. */
function withoutDefaults(input: RunInput | ResolvedInput): Readonly<Record<string, unknown>> {
  const { catalog, format, member } = input;
  const defaults = inputAsGiven(parseRunInput({ catalog, format }));
  const isDefault = (field: string, value: unknown): boolean =>
    field === 'format'
      ? value === formatByExtension(member ?? catalog)
      : isDeepStrictEqual(value, defaults[field]);
  const given = Object.entries(inputAsGiven(input));
  return Object.fromEntries(given.filter(([field, value]) => !isDefault(field, value)));
}
