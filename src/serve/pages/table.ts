/** `/tables?name=…`: one table of the snapshot, its columns and its first rows. */
import { amountText, countText } from '../../contract/quantities';
import { answerTable } from '../../report/html/answer-table';
import { foreign, html, NOTHING, type Markup } from '../../report/html/html';
import { HttpProblem } from '../http-problem';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import {
  allRowsSql,
  isNumber,
  MOST_TABLE_CELL,
  MOST_PAGES,
  rowCounts,
  ROWS_OF_PAGE,
  rowsOfPage,
  snapshotTables,
  type SnapshotTable,
} from '../tables/snapshot-tables';
import { valueLinks } from '../tables/value-links';
import { questionOf, sqlLink } from '../sql/sql-link';
import { pager } from './pager';
import { tableLink } from './tables';

export interface TableQuery {
  readonly name: string;
  /** From 1. */
  readonly page: number;
}

/** @returns null for the list of all tables. @throws HttpProblem 400. */
export function parseTableQuery(parameters: URLSearchParams): TableQuery | null {
  const name = parameters.get('name');
  if (name === null) return null;
  const page = Number(parameters.get('page') ?? '1');
  if (Number.isInteger(page) && page >= 1 && page <= MOST_PAGES) return { name, page };
  throw new HttpProblem(400, `"page" is a number from 1 to ${MOST_PAGES}.`);
}

/** @throws HttpProblem 404 for a table that is not there. */
export async function tableBody(snapshot: OpenSnapshot, query: TableQuery): Promise<Markup> {
  const table = (await snapshotTables(snapshot)).find(({ name }) => name === query.name);
  if (table === undefined) throw new HttpProblem(404, 'The snapshot has no table of this name.');
  const { name, kind, meaning } = table;
  const count = (await rowCounts(snapshot)).get(name);
  const size = count === undefined ? '' : `, ${countText(count, 'row')}`;
  return html`<h1>${foreign(name)}</h1>
    <p>${meaning === null ? NOTHING : foreign(meaning, 1_000)}</p>
    <p class="quiet">
      A ${kind} of ${countText(table.columns.length, 'column')}${size}.
      <a href="/tables">All tables</a>
    </p>
    <p class="actions">
      <a class="button" href="${sqlLink(`${allRowsSql(name)}\nLIMIT 100`)}">Ask it by SQL</a>
    </p>
    ${columnsMarkup(table)} ${await rowsMarkup(snapshot, table, query)}`;
}

function columnsMarkup({ columns }: SnapshotTable): Markup {
  return html`<details open>
    <summary>Columns</summary>
    ${answerTable({
      answer: { sql: '', rows: columns.map((column) => ({ ...column })) },
      most: columns.length,
      caption: 'The columns, in their order.',
      hasQuery: false,
      columns: [
        { key: 'name', title: 'Column', kind: 'text' },
        { key: 'type', title: 'Type', kind: 'text' },
        { key: 'meaning', title: 'Meaning', kind: 'long', most: 1_000 },
      ],
    })}
  </details>`;
}

async function rowsMarkup(
  snapshot: OpenSnapshot,
  table: SnapshotTable,
  { page }: TableQuery,
): Promise<Markup> {
  const answer = await rowsOfPage(snapshot, table, page);
  const first = (page - 1) * ROWS_OF_PAGE + 1;
  const isMore = 'rows' in answer && answer.rows.length > ROWS_OF_PAGE;
  const shown = 'rows' in answer ? answer.rows.slice(0, ROWS_OF_PAGE) : [];
  return html`<h2>Rows</h2>
    ${answerTable({
      answer: 'rows' in answer ? { ...questionOf(allRowsSql(table.name)), rows: shown } : answer,
      most: ROWS_OF_PAGE,
      caption: `Rows ${amountText(first)} to ${amountText(first + shown.length - 1)}, in the order in which they are stored.`,
      empty: page === 1 ? 'It has no rows.' : 'There are no rows on this page.',
      columns: table.columns.map((column) => ({
        key: column.name,
        title: column.name,
        kind: isNumber(column) ? 'number' : 'text',
        most: MOST_TABLE_CELL,
        link: valueLinks(column.name, table.name),
      })),
    })}
    ${pager({
      label: 'Pages of rows',
      page,
      isLast: !isMore || page >= MOST_PAGES,
      address: (to) => `${tableLink(table.name)}&page=${to}`,
      before: 'Rows before',
      after: 'Rows after',
    })}`;
}
