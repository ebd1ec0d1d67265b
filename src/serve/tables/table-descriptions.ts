/** What docs/reference says of the tables and columns of the snapshot. */
import {
  introductionOf,
  plainText,
  readDocument,
  tableIn,
  type DocumentSection,
} from '../documents/markdown';

export interface TableDescription {
  /** What a row is; null where no document says it. */
  readonly meaning: string | null;
  /** The meaning of each column that has one, by its name. */
  readonly columns: ReadonlyMap<string, string>;
}

/** The documents that describe tables, each below a heading with the name of the table. */
const DOCUMENTS = ['docs/reference/warehouse.md', 'docs/reference/models.md'];

/** Columns of their lists of tables. */
const NAME_TITLES = ['Name', 'Model'];
const ROW_TITLE = 'One row for each';

let described: ReadonlyMap<string, TableDescription> | null = null;

/**
 * The descriptions by the name of the table. They are read once.
 *
 * @throws the errors of the file system.
 */
export function tableDescriptions(): ReadonlyMap<string, TableDescription> {
  described ??= readDescriptions();
  return described;
}

function readDescriptions(): ReadonlyMap<string, TableDescription> {
  const sections = DOCUMENTS.flatMap(readDocument);
  const rows = new Map(sections.flatMap(listedRows));
  const found = sections.flatMap((section) => {
    const columns = columnsIn(section);
    if (columns.size === 0) return [];
    const row = rows.get(section.heading);
    const meaning = row === undefined ? introductionOf(section) : `One row for each ${row}.`;
    return [[section.heading, { meaning, columns }] as const];
  });
  return new Map(found);
}

/** What a row is, by the name of the table, where a section lists tables. */
function listedRows(section: DocumentSection): readonly (readonly [string, string])[] {
  return tableIn(section).flatMap((row) => {
    const title = NAME_TITLES.find((one) => one in row);
    const meaning = row[ROW_TITLE];
    if (title === undefined || meaning === undefined) return [];
    return [[plainText(row[title] ?? ''), plainText(meaning)]];
  });
}

function columnsIn(section: DocumentSection): ReadonlyMap<string, string> {
  return new Map(
    tableIn(section)
      .filter((row) => 'Column' in row && row.Meaning !== '')
      .map((row) => [plainText(row.Column ?? ''), plainText(row.Meaning ?? '')]),
  );
}
