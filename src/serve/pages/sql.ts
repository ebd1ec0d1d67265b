/** `/sql`: a query of the user, and its first rows. */
import { amountText, countText } from '../../contract/quantities';
import { answerTable } from '../../report/html/answer-table';
import { exactly, foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { cookbook, type Recipe } from '../documents/cookbook';
import { HttpProblem } from '../http-problem';
import { MOST_SQL, sqlLink } from '../sql/sql-link';
import { MOST_CELL, RESULT_FORMATS, type SqlProblem, type SqlRows } from '../sql/sql-job';
import { isNumber } from '../tables/snapshot-tables';
import { valueLinks } from '../tables/value-links';

/** @returns the query of the address; empty for none. @throws HttpProblem 400. */
export function parseSql(parameters: URLSearchParams): string {
  const sql = parameters.get('q') ?? '';
  if (sql.length > MOST_SQL)
    throw new HttpProblem(400, `"q" has more than ${MOST_SQL} characters.`);
  // DuckDB reads a statement to its first NUL.
  if (sql.includes('\0')) throw new HttpProblem(400, '"q" has a character NUL.');
  return sql.replaceAll('\r\n', '\n');
}

/** What became of the query: its rows, what is wrong with it, or that it was not run. */
export type SqlResult = SqlRows | SqlProblem | 'foreign' | null;

export function sqlBody(sql: string, result: SqlResult): Markup {
  return html`<h1>SQL</h1>
    ${form(sql)} ${resultMarkup(sql, result)} ${examples(sql === '')}`;
}

function form(sql: string): Markup {
  return html`<form class="sql" action="/sql">
    <label for="q">A query in DuckDB's SQL over the snapshot</label>
    <textarea id="q" name="q" rows="8" maxlength="${MOST_SQL}" spellcheck="false" required>
${exactly(sql)}</textarea>
    <p class="actions">
      <button>Run</button> <a class="button" href="/tables">Tables and columns</a>
    </p>
    <p class="quiet">
      One SELECT, which reads the snapshot and nothing else. It may take ten seconds. Its address
      can be kept and sent.
    </p>
  </form>`;
}

function resultMarkup(sql: string, result: SqlResult): Markup {
  if (result === null) return NOTHING;
  if (result === 'foreign')
    return html`<p class="note" role="status">
      The link to this query is on another site, so it was not run. Read it, then press Run.
    </p>`;
  return result.kind === 'problem' ? problemMarkup(sql, result) : rowsMarkup(sql, result);
}

function problemMarkup(sql: string, { message, place }: SqlProblem): Markup {
  if (place === null) return html`<p class="note bad" role="status">${foreign(message, 2_000)}</p>`;
  const line = sql.split('\n')[place.line - 1] ?? '';
  const before = Array.from(line).slice(0, place.column - 1);
  const mark = `${before.map((character) => (character === '\t' ? '\t' : ' ')).join('')}^`;
  return html`<div class="note bad" role="status">
    <p>Line ${place.line}, column ${place.column}: ${foreign(message, 2_000)}</p>
    <pre class="place">
${line}
${mark}</pre>
  </div>`;
}

function rowsMarkup(sql: string, { columns, rows, isCut }: SqlRows): Markup {
  const count = rows.length;
  const caption = isCut
    ? `The first ${amountText(count)} rows. The files have all.`
    : countText(count, 'row');
  return html`<h2>Result</h2>
    <p class="actions">${join(RESULT_FORMATS.map((format) => saveLink(sql, format)))}</p>
    ${answerTable({
      answer: {
        sql,
        rows: rows.map((values) =>
          Object.fromEntries(values.map((value, index) => [`c${index}`, value])),
        ),
      },
      most: count,
      caption,
      empty: 'The result has no rows.',
      hasQuery: false,
      columns: columns.map(({ name, type }, index) => ({
        key: `c${index}`,
        title: name,
        kind: isNumber({ type }) ? 'number' : 'text',
        most: MOST_CELL,
        link: valueLinks(name),
      })),
    })}`;
}

const FORMAT_NAMES = { csv: 'CSV', ndjson: 'JSON, one object a line', parquet: 'Parquet' } as const;

function saveLink(sql: string, format: (typeof RESULT_FORMATS)[number]): Markup {
  const address = `/api/sql.${format}?q=${encodeURIComponent(sql)}`;
  return html`<a class="button" href="${address}">${FORMAT_NAMES[format]}</a> `;
}

function examples(isOpen: boolean): Markup {
  const items = join(cookbook().map(exampleMarkup));
  const list = html`<summary>Queries of the cookbook</summary>
    <ul>
      ${items}
    </ul>`;
  return isOpen ? html`<details open>${list}</details>` : html`<details>${list}</details>`;
}

function exampleMarkup({ title, sql, needs }: Recipe): Markup {
  return html`<li>
    <a href="${sqlLink(sql)}">${title}</a>
    ${needs === null ? NOTHING : html`<span class="quiet">${needs}</span>`}
  </li> `;
}
