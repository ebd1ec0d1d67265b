/** The pages of `docs/reference/` as data: the tables below their headings. */
import fs from 'node:fs';
import path from 'node:path';

/** A row by the titles of the columns. The cells are Markdown. */
export type Row = Readonly<Record<string, string>>;

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

const FOLDER = path.join(__dirname, '../../docs/reference');

export function readReferencePage(name: string): ReferencePage {
  const text = fs.readFileSync(path.join(FOLDER, name), 'utf8');
  const sections = new Map(
    text.split(/^#+ /m).map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end + 1)] as const;
    }),
  );
  const section = (heading: string): string => {
    const found = sections.get(heading);
    if (found === undefined) throw new Error(`${name} has no heading "${heading}"`);
    return found;
  };
  return {
    text,
    section,
    table: (heading) => {
      const rows = tableIn(section(heading));
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

function tableIn(section: string): readonly Row[] {
  const lines = section.split('\n');
  const start = lines.findIndex((line) => line.startsWith('|'));
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  const [titles = [], , ...rows] = lines.slice(start, end < 0 ? undefined : end).map(cellsOf);
  return rows.map((cells) =>
    Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? ''])),
  );
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
