/** An answer of the snapshot as a table whose rows lead somewhere. */
import { amountText, bytesText } from '../../contract/quantities';
import type { Answer, Row, Value } from '../../report/ask';
import { queryDetails, unanswered } from '../../report/html/answer-table';
import { foreign, html, join, type Markup } from '../../report/html/html';

export interface DataColumn {
  readonly key: string;
  readonly title: string;
  readonly kind: 'text' | 'count' | 'bytes' | 'time';
}

export interface DataTableOptions {
  readonly answer: Answer;
  readonly columns: readonly DataColumn[];
  /** What a row is. */
  readonly caption: string;
  /** Where the first cell of a row leads; null for nowhere. */
  readonly link?: (row: Row) => string | null;
}

export function dataTable({ answer, columns, caption, link }: DataTableOptions): Markup {
  if ('problem' in answer) return unanswered(answer.sql, answer.problem);
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            ${join(columns.map(headCell))}
          </tr>
        </thead>
        <tbody>
          ${join(answer.rows.map((row) => rowMarkup(row, columns, link?.(row) ?? null)))}
        </tbody>
      </table>
    </div>
    ${queryDetails(answer.sql)}`;
}

function headCell({ title, kind }: DataColumn): Markup {
  return html`<th scope="col" class="${classOf(kind)}">${title}</th>`;
}

function rowMarkup(row: Row, columns: readonly DataColumn[], address: string | null): Markup {
  const cells = columns.map(({ key, kind }, index) => {
    const shown = valueMarkup(row[key] ?? null, kind);
    if (index > 0) return html`<td class="${classOf(kind)}">${shown}</td>`;
    const first = address === null ? shown : html`<a href="${address}">${shown}</a>`;
    return html`<th scope="row" class="${classOf(kind)}">${first}</th>`;
  });
  return html`<tr>
    ${join(cells)}
  </tr> `;
}

function classOf(kind: DataColumn['kind']): string {
  return kind === 'count' || kind === 'bytes' ? 'number' : kind;
}

function valueMarkup(value: Value, kind: DataColumn['kind']): Markup {
  if (value === null || value === '') return html`<span class="quiet">–</span>`;
  switch (kind) {
    case 'count':
      return html`${amountText(Number(value))}`;
    case 'bytes':
      return html`${bytesText(Number(value))}`;
    case 'time':
      return html`${String(value).slice(0, 19)}`;
    case 'text':
      return foreign(String(value));
  }
}
