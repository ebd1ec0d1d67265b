/** The input of a later run, made from the one that an earlier run recorded. */
import type { ResolvedInput, RunInput } from './run-input';

/**
 * Returns a recorded input as a user would type it, so that it can be used again. A field that was
 * not given is null there, and a column that is not used has the name that columns have by default:
 * that of the ids where they are made of the URLs or of the records, that of the URLs where a
 * template makes them.
 */
export function inputAsGiven(input: RunInput | ResolvedInput): Readonly<Record<string, unknown>> {
  const { columns, ...others } = input;
  const hasIds = (input.idFrom ?? 'column') === 'column' && input.format !== 'urls';
  const used = {
    ...(hasIds ? { id: columns?.id } : {}),
    ...(input.urlTemplate === undefined ? { url: columns?.url } : {}),
  };
  const given = Object.entries(others).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(given), columns: used };
}
