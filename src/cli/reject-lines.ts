/** What `run` and `status` print about catalog rows that were rejected. */
import {
  rejectHints,
  rejectsQuery,
  rejectsSentence,
  type CatalogCounts,
} from '../contract/catalog-counts';
import { shellWord } from '../contract/shell-word';
import { printable } from './terminal';

/** How many, why, what helps, and the command that lists them; nothing when every row was taken. */
export function rejectLines(
  catalog: CatalogCounts,
  runId: string,
  dataRoot: string,
): readonly string[] {
  const sentence = rejectsSentence(catalog);
  if (sentence === null) return [];
  const query = shellWord(rejectsQuery(runId));
  return [
    `  ${printable(sentence)}`,
    ...rejectHints(catalog).map((hint) => `  ${hint}`),
    `  All of them: artemis-pipeline query --data ${shellWord(dataRoot)} ${query}`,
  ];
}
