/** `/tables`: the tables and views of the snapshot, those of models included. */
import { answerTable } from '../../report/html/answer-table';
import { html, type Markup } from '../../report/html/html';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { questionOf } from '../sql/sql-link';
import { rowCounts, snapshotTables, TABLES_SQL } from '../tables/snapshot-tables';

export async function tablesBody(snapshot: OpenSnapshot): Promise<Markup> {
  const tables = await snapshotTables(snapshot);
  const counts = await rowCounts(snapshot);
  const rows = tables.map(({ name, kind, meaning, columns }) => ({
    name,
    kind,
    meaning,
    columns: columns.length,
    rows: counts.get(name) ?? null,
  }));
  return html`<h1>Tables</h1>
    <p>What the snapshot has, to be read by SQL. Tables of your own models are among them.</p>
    ${answerTable({
      answer: { ...questionOf(TABLES_SQL), rows },
      most: rows.length,
      caption: 'Tables and views of the snapshot.',
      columns: [
        { key: 'name', title: 'Name', kind: 'text', link: tableLink },
        { key: 'meaning', title: 'What it has', kind: 'long' },
        { key: 'kind', title: 'Kind', kind: 'text' },
        { key: 'columns', title: 'Columns', kind: 'count' },
        { key: 'rows', title: 'Rows', kind: 'count' },
      ],
    })}`;
}

/** The address of the page of a table. */
export function tableLink(name: string): string {
  return `/tables?name=${encodeURIComponent(name)}`;
}
