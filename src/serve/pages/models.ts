/** `/models`: the tables and checks of the step `aggregates`. */
import { artemisCommand } from '../../contract/commands/printed-command';
import { identifier } from '../../duckdb/sql-text';
import { firstRow, type Answer } from '../../report/ask';
import { answerTable, type Column } from '../../report/html/answer-table';
import { foreign, html, type Markup } from '../../report/html/html';
import { CHECKS_SQL, MODELS_SQL } from '../../report/questions/collection-questions';
import { HttpProblem } from '../http-problem';
import { ask } from '../images/image-lists';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

/** The most rows of a model that are shown. */
const MOST_ROWS = 200;

/**
 * @param name the model whose rows are shown; null for the list alone.
 * @throws HttpProblem 404 for a model that is not there.
 */
export async function modelsBody(
  snapshot: OpenSnapshot,
  name: string | null,
  dataRoot: string,
): Promise<Markup> {
  if (!snapshot.relations.has('model'))
    return html`<h1>Models and checks</h1>
      <p>
        Tables of numbers and checks are built by the step <code>aggregates</code>, which no run has
        done yet. This run downloads nothing:
      </p>
      <pre>${artemisCommand('run --steps aggregates,publish', dataRoot)}</pre>`;
  const models = await ask(snapshot, MODELS_SQL);
  if (name !== null) return modelBody(snapshot, name, models);
  return html`<h1>Models and checks</h1>
    ${answerTable({
      answer: await ask(snapshot, CHECKS_SQL),
      caption: 'Checks, the failed ones first.',
      empty: 'There are no checks.',
      columns: [
        { key: 'name', title: 'Check', kind: 'text' },
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'bad_rows', title: 'Bad rows', kind: 'count' },
        { key: 'example', title: 'For example', kind: 'long' },
      ],
    })}
    ${answerTable({
      answer: models,
      caption: 'Tables that were built from the snapshot.',
      empty: 'There are no models.',
      columns: [
        { key: 'name', title: 'Model', kind: 'text' },
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'rows', title: 'Rows', kind: 'count' },
        { key: 'error', title: 'Mistake', kind: 'long' },
      ],
      link: (row) => `/models?name=${encodeURIComponent(String(row.name))}`,
    })}`;
}

async function modelBody(snapshot: OpenSnapshot, name: string, models: Answer): Promise<Markup> {
  const isKnown = 'rows' in models && models.rows.some((row) => row.name === name);
  if (!isKnown) throw new HttpProblem(404, 'The snapshot has no model of this name.');
  const heading = html`<h1>${foreign(name)}</h1>
    <p><a href="/models">All models and checks</a></p>`;
  if (!snapshot.relations.has(name))
    return html`${heading}
      <p>This model could not be built, so it has no rows.</p>`;
  const answer = await ask(snapshot, `SELECT * FROM ${identifier(name)} LIMIT ${MOST_ROWS}`);
  const columns = Object.keys(firstRow(answer) ?? {}).map((key): Column => ({
    key,
    title: key,
    kind: 'text',
  }));
  return html`${heading}
  ${
    columns.length === 0 && 'rows' in answer
      ? html`<p>This table has no rows.</p>`
      : answerTable({
          answer,
          columns,
          most: MOST_ROWS,
          caption: `The first rows, at most ${MOST_ROWS}.`,
        })
  } `;
}
