/** An answer as a table, with the query that gave it. */
import { amountText, bytesText } from '../../contract/quantities';
import type { Answer, Question, Row, Value } from '../ask';
import { foreign, html, join, NOTHING, type Markup } from './html';

/** How the values of a column are shown. The first column of a table names the row. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly kind: 'text' | 'long' | 'count' | 'bytes' | 'time' | 'number';
  /** A bar beside each number shows its share of the largest. */
  readonly bar?: boolean;
  /** The most characters of a text that are shown; 200 by default. */
  readonly most?: number;
  /** The address to which a value leads; null for none. By default values lead nowhere. */
  readonly link?: ((value: string) => string | null) | undefined;
}

/** The most rows of a table, unless it asks for fewer. Its caption says how many there are. */
const MOST_ROWS = 50;

export interface TableOptions {
  readonly answer: Answer;
  readonly columns: readonly Column[];
  /** What a row is. */
  readonly caption: string;
  /** The text in place of a table without rows. By default the table is shown without rows. */
  readonly empty?: string;
  /** The most rows that are shown; 50 by default. */
  readonly most?: number;
  /** The address to which the first cell of a row leads. By default rows lead nowhere. */
  readonly link?: (row: Row) => string;
  /** False for a table that no query of its own gave. */
  readonly hasQuery?: boolean;
}

export function answerTable(options: TableOptions): Markup {
  const { answer, caption, empty, most = MOST_ROWS } = options;
  if ('problem' in answer) return unanswered(answer, answer.problem);
  const rows = answer.rows.slice(0, most);
  if (rows.length === 0 && empty !== undefined)
    return html`<p>${empty}</p>
      ${queryDetails(answer)}`;
  const more =
    answer.rows.length > rows.length
      ? ` The first ${rows.length} of ${amountText(answer.rows.length)}; the query returns all.`
      : '';
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>
          ${caption}${more}
        </caption>
        <thead>
          <tr>
            ${join(options.columns.map(headCell))}
          </tr>
        </thead>
        <tbody>
          ${join(rows.map((row) => rowMarkup(row, options, answer.rows)))}
        </tbody>
      </table>
    </div>
    ${options.hasQuery === false ? NOTHING : queryDetails(answer)}`;
}

/** The query behind numbers, which is hidden until a reader opens it. */
export function queryDetails({ sql, sqlPage }: Question): Markup {
  const link =
    sqlPage === undefined
      ? NOTHING
      : html`<p><a href="${sqlPage}">Run or change this query</a></p>`;
  return html`<details>
    <summary>The SQL of these numbers</summary>
    <pre>${sql}</pre>
    ${link}
  </details>`;
}

/** What DuckDB says where a table or a column is not there. */
const ABSENT = /^(Binder|Catalog) Error/;

export function unanswered(question: Question, problem: string): Markup {
  const cause = ABSENT.test(problem)
    ? 'An earlier version of the program may have published it. DuckDB says: '
    : '';
  return html`<p>The snapshot cannot answer this. ${cause}${foreign(problem)}</p>
    ${queryDetails(question)}`;
}

function headCell({ title, kind }: Column): Markup {
  return html`<th scope="col" class="${classOf(kind)}">${title}</th>`;
}

function rowMarkup(
  row: Row,
  { columns, link }: Pick<TableOptions, 'columns' | 'link'>,
  all: readonly Row[],
): Markup {
  const cells = columns.map((column, index) => {
    const value = linkedValue(row[column.key] ?? null, column);
    const shown = html`${value}${barMarkup(row, column, all)}`;
    if (index > 0) return html`<td class="${classOf(column.kind)}">${shown}</td>`;
    const name =
      link === undefined
        ? shown
        : html`<a href="${link(row)}">${isEmpty(row[column.key]) ? 'none' : shown}</a>`;
    return html`<th scope="row" class="${classOf(column.kind)}">${name}</th>`;
  });
  return html`<tr>
    ${join(cells)}
  </tr> `;
}

function classOf(kind: Column['kind']): string {
  return ['count', 'bytes', 'number'].includes(kind) ? 'number' : kind;
}

function isEmpty(value: Value | undefined): value is null | undefined | '' {
  return value == null || value === '';
}

function linkedValue(value: Value, column: Column): Markup {
  const shown = valueMarkup(value, column);
  const address = isEmpty(value) ? null : column.link?.(String(value));
  return address == null ? shown : html`<a href="${address}">${shown}</a>`;
}

function valueMarkup(value: Value, { kind, most }: Column): Markup {
  if (isEmpty(value)) return html`<span class="quiet">–</span>`;
  switch (kind) {
    case 'count':
      return html`${amountText(Number(value))}`;
    case 'bytes':
      return html`${bytesText(Number(value))}`;
    case 'time':
      return html`${String(value).slice(0, 19)}`;
    case 'number':
    case 'text':
    case 'long':
      return foreign(String(value), most);
  }
}

/** Numbers stand beside their bars, so assistive technology leaves the bars out. */
function barMarkup(row: Row, { key, bar }: Column, all: readonly Row[]): Markup {
  if (bar !== true) return NOTHING;
  const most = all.reduce((max, one) => Math.max(max, Number(one[key] ?? 0)), 0);
  const share = most === 0 ? 0 : Math.round((1_000 * Number(row[key] ?? 0)) / most) / 10;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${share}" height="10"></rect>
  </svg>`;
}
