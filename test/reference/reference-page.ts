/** The pages of `docs/reference/` as data: the tables below their headings. */
import fs from 'node:fs';
import path from 'node:path';
import {
  readDocument,
  tableIn,
  type DocumentSection,
  type TableRow,
} from '../../src/serve/documents/markdown';

export type Row = TableRow;

export interface ReferencePage {
  readonly text: string;
  /**
   * Returns the first table between this heading and the next one.
   *
   * @throws an Error when there is none.
   */
  table(heading: string): readonly Row[];
  /**
   * Returns the text between this heading and the next one.
   *
   * @throws an Error when there is no such heading.
   */
  section(heading: string): string;
}

const ROOT = path.join(__dirname, '../..');
const FOLDER = 'docs/reference';

export function readReferencePage(name: string): ReferencePage {
  const sections = new Map(
    readDocument(path.join(FOLDER, name)).map((section) => [section.heading, section]),
  );
  const sectionOf = (heading: string): DocumentSection => {
    const found = sections.get(heading);
    if (found === undefined) throw new Error(`${name} has no heading "${heading}"`);
    return found;
  };
  return {
    text: fs.readFileSync(path.join(ROOT, FOLDER, name), 'utf8'),
    section: (heading) => sectionOf(heading).text,
    table: (heading) => {
      const rows = tableIn(sectionOf(heading));
      if (rows.length === 0) throw new Error(`${name} has no table below "${heading}"`);
      return rows;
    },
  };
}

/** The texts in backticks in the first column, in order. A row may have several. */
export function namesOf(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => codesIn(Object.values(row)[0] ?? ''));
}

/** The texts in backticks. */
export function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
