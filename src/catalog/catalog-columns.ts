/** The catalog's column names: checked, and turned into the names that catalog.parquet gives them. */
import { StepError } from '../contract/errors';

/** Our own columns of catalog.parquet, in order. */
export const OWN_COLUMNS = ['source_image_id', 'record', 'thumb_url'] as const;

const OWN: ReadonlySet<string> = new Set(OWN_COLUMNS);
/** More is no listing of images. Names in messages are cut likewise. */
const MOST_COLUMNS = 2_000;
const NAMES_SHOWN = 50;

export interface WantedColumns {
  readonly id: string;
  readonly url: string;
}

/** What a catalog column is called in catalog.parquet: `catalog_<name>` when the name is ours. */
export function targetName(name: string): string {
  return OWN.has(name.toLowerCase()) ? `catalog_${name}` : name;
}

/**
 * Checks names that have been trimmed.
 *
 * **Errors** {@link StepError} `catalog_columns` with what was expected and what was found.
 */
export function checkColumns(found: readonly string[], wanted: WantedColumns, name: string): void {
  const problem = firstProblem(found) ?? absent(found, wanted);
  if (problem === null) return;
  throw new StepError(
    'catalog_columns',
    `The catalog ${name}: ${problem}. Expected: ${list([wanted.id, wanted.url])} (id, URL). Found: ${list(found)}. Names must match exactly: set \`columns\` to the catalog's own, or correct its header.`,
  );
}

/** Why the names cannot be columns, whatever is looked for; null when they can. */
function firstProblem(found: readonly string[]): string | null {
  if (found.length > MOST_COLUMNS) return `more than ${MOST_COLUMNS} columns`;
  const seen = new Map<string, string>();
  for (const [index, name] of found.entries()) {
    if (name === '') return `the name of column ${index + 1} is empty`;
    if (name.includes('\0') || /\p{Surrogate}/u.test(name)) return `${shown(name)} is no name`;
    const key = targetName(name).toLowerCase();
    const other = seen.get(key);
    if (other !== undefined) return `${shown(other)} and ${shown(name)} are equal, or but for case`;
    seen.set(key, name);
  }
  return null;
}

function absent(found: readonly string[], { id, url }: WantedColumns): string | null {
  const lacking = [id, url].filter((name) => !found.includes(name));
  return lacking.length === 0 ? null : `no column ${lacking.map(shown).join(' and ')}`;
}

function list(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : '';
  return names.slice(0, NAMES_SHOWN).map(shown).join(', ') + more;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
