/** What became of each attempt to get an image. */
import { literal } from '../../../duckdb/sql-text';
import { answerTable } from '../../../report/html/answer-table';
import { html, NOTHING, type Markup } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';

/** The most outcomes that are shown, the newest. */
const MOST_OUTCOMES = 100;

export async function outcomesMarkup(snapshot: OpenSnapshot, id: string): Promise<Markup> {
  const answer = await ask(
    snapshot,
    `SELECT recorded_at, outcome, code, status, final_host, request_count, detail, run_id FROM fact_download
WHERE source_image_id = ${literal(id)} ORDER BY recorded_at DESC, line DESC LIMIT ${MOST_OUTCOMES}`,
  );
  if ('rows' in answer && answer.rows.length === 0) return NOTHING;
  return html`<section aria-labelledby="outcomes">
    <h2 id="outcomes">Outcomes</h2>
    ${answerTable({
      answer,
      most: MOST_OUTCOMES,
      caption: 'What became of each attempt to get this image, the newest first.',
      columns: [
        { key: 'recorded_at', title: 'Time (UTC)', kind: 'time' },
        { key: 'outcome', title: 'Outcome', kind: 'text' },
        { key: 'code', title: 'Code', kind: 'text' },
        { key: 'status', title: 'Status', kind: 'text' },
        { key: 'final_host', title: 'Host', kind: 'text' },
        { key: 'request_count', title: 'Requests', kind: 'count' },
        { key: 'detail', title: 'Detail', kind: 'text' },
      ],
      link: ({ run_id }) => `/runs/${encodeURIComponent(String(run_id))}`,
    })}
  </section>`;
}
