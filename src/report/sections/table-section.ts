/** A section that consists of one table, perhaps with markup around it. */
import { answerTable, type TableOptions } from '../html/answer-table';
import type { Section } from '../html/document';
import { join, NOTHING, type Markup } from '../html/html';

interface TableSectionOptions extends Omit<Section, 'body'> {
  readonly table: TableOptions;
  readonly before?: Markup;
  readonly after?: Markup;
}

export function tableSection(options: TableSectionOptions): Section {
  const { id, title, table, before = NOTHING, after = NOTHING } = options;
  return { id, title, body: join([before, answerTable(table), after]) };
}
