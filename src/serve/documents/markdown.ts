/** Reads the documents of the package that pages show: headings, tables and texts of Markdown. */
import { readFileSync } from 'node:fs';
import { packageFile } from '../../files/process/built-file';

/** A part of a document, from one heading to the next. */
export interface DocumentSection {
  readonly heading: string;
  /** The Markdown below the heading. */
  readonly text: string;
}

/** A row of a table: its cells, in Markdown, by the titles of the columns. */
export type TableRow = Readonly<Record<string, string>>;

/**
 * @param file relative to the package, such as `docs/reference/warehouse.md`.
 * @throws the errors of the file system.
 */
export function readDocument(file: string): readonly DocumentSection[] {
  const parts = readFileSync(packageFile(file), 'utf8').split(/^#+ /m);
  return parts.map((part) => {
    const end = part.indexOf('\n');
    return { heading: part.slice(0, end).trim(), text: part.slice(end + 1) };
  });
}

/** The first table of a section; no rows when it has none. */
export function tableIn({ text }: DocumentSection): readonly TableRow[] {
  const lines = text.split('\n');
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

/** The text before the first table or code of a section; null when there is none. */
export function introductionOf({ text }: DocumentSection): string | null {
  const [introduction = ''] = text.split(/^(?:\||```|#)/m);
  return plainText(introduction) || null;
}

/** Markdown without its marks of links and code. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replace(/\s+/g, ' ')
    .trim();
}
