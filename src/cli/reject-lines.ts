/** Writes what `run` and `status` print about catalog rows that were rejected. */
import {
  duplicatesSentence,
  rejectHints,
  rejectsQuery,
  rejectsSentence,
  type CatalogCounts,
} from '../contract/catalog/catalog-counts';
import { artemisCommand } from '../contract/commands/printed-command';
import { shellWord } from '../contract/commands/shell-word';
import { printable } from './terminal';

/**
 * Returns the number of rejected rows, the reasons, what helps, and the command that lists the
 * rows. If there are only duplicates, returns their number. Returns nothing when every row was
 * taken.
 */
export function rejectLines(
  catalog: CatalogCounts,
  runId: string,
  dataRoot: string,
): readonly string[] {
  const sentence = rejectsSentence(catalog);
  const duplicates = duplicatesSentence(catalog);
  if (sentence === null) return duplicates === null ? [] : [`  ${duplicates}`];
  const query = shellWord(rejectsQuery(runId));
  return [
    `  ${printable(sentence)}`,
    ...rejectHints(catalog).map((hint) => `  ${hint}`),
    `  All of them: ${artemisCommand(`query ${query}`, dataRoot)}`,
  ];
}
