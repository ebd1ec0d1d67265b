/** The counts of a catalog's accepted and rejected rows, and the texts that report them. */
import { artemisCommand } from '../commands/printed-command';
import { amountText } from '../quantities';
import type { RejectCode } from './reject-codes';

/** The number of catalog rows that were rejected for the same reason, and the first of them. */
export interface RejectGroup {
  readonly code: RejectCode;
  readonly rows: number;
  readonly record: number;
  readonly line: number | null;
  readonly id: string | null;
  readonly detail: string;
}

/**
 * Numbers of catalog rows. `rows` is the sum of `images`, `rejected` and `duplicates`, and `noUrl`
 * of the images have no URL. `rejects` has one group for each code that occurred, sorted by the
 * number of rows in descending order.
 */
export interface CatalogCounts {
  readonly rows: number;
  readonly images: number;
  readonly noUrl: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly rejects: readonly RejectGroup[];
}

/**
 * The counts in the result of the activity that reads the catalog. A result of an earlier build has
 * no `rejectGroups`.
 */
export function catalogCounts(
  parsed: Omit<CatalogCounts, 'rejects'> & { readonly rejectGroups?: readonly RejectGroup[] },
): CatalogCounts {
  const { rows, images, noUrl, rejected, duplicates, rejectGroups = [] } = parsed;
  return { rows, images, noUrl, rejected, duplicates, rejects: rejectGroups };
}

/** What users can do about rows that are rejected for this reason. */
const HINTS: Readonly<Record<RejectCode, string>> = {
  bad_id:
    'Are the ids in another column? --id-column NAME takes it. Has the catalog none? --id-from url makes them of the URLs.',
  duplicate_conflict: `Several images per object? --many takes them, each with the id <id>#<hash of its URL>. Or --id-column NAME takes a column that is different in each of them.`,
  bad_row: `Are the fields separated by another character? --input '{"delimiter":";"}' names it. Are they not quoted, or in another way? --input '{"quote":""}' or '{"escape":"\\\\"}' says so.`,
  bad_encoding: `Is the file in another encoding? --input '{"encoding":"windows-1252"}' names it.`,
  not_fetched: `${artemisCommand('inspect FILE', null)} prints the command that fetches these manifests.`,
};

/** The most characters of a row's reason that are shown, in UTF-16 units. */
const LONGEST_DETAIL = 300;

/** Reports the rejected rows in one or two sentences; null when no row was rejected. */
export function rejectsSentence({
  rows,
  rejected,
  duplicates,
  rejects,
}: CatalogCounts): string | null {
  if (rejected === 0) return null;
  const groups = rejects.map(
    (group) =>
      `${group.code} ${amountText(group.rows)}, first in ${rowPlaceText(group)}: ${group.detail.slice(0, LONGEST_DETAIL)}`,
  );
  const also = duplicates === 0 ? '' : ` ${repeats(duplicates, `${amountText(duplicates)} more`)}.`;
  return `${amountText(rejected)} of ${amountText(rows)} catalog rows were not taken (${groups.join('; ')}).${also}`;
}

/** Reports the duplicate rows of a catalog without rejected rows; null when there are none. */
export function duplicatesSentence({ rows, rejected, duplicates }: CatalogCounts): string | null {
  if (rejected > 0 || duplicates === 0) return null;
  const seen = `${amountText(duplicates)} of ${amountText(rows)} catalog rows`;
  return `${repeats(duplicates, seen)}: the same id, and the same URL or none.`;
}

function repeats(count: number, rows: string): string {
  return count === 1
    ? `${rows} repeats a row that was taken`
    : `${rows} repeat rows that were taken`;
}

/** One hint for each reason that occurred. */
export function rejectHints({ rejects }: CatalogCounts): readonly string[] {
  return rejects.map(({ code }) => HINTS[code]);
}

/** The query for every row that was rejected in a run. */
export function rejectsQuery(runId: string): string {
  return `SELECT code, line, source_image_id, detail FROM catalog_reject WHERE run_id = '${runId}'`;
}

/**
 * The place of a row as users read it: its physical line, or its number in a format without lines.
 */
export function rowPlaceText({ record, line }: Pick<RejectGroup, 'record' | 'line'>): string {
  return line === null ? `record ${record}` : `line ${line}`;
}
