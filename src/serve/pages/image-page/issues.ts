/** What the model `quality` finds wrong with an image. */
import { literal } from '../../../duckdb/sql-text';
import { html, join, NOTHING, type Markup } from '../../../report/html/html';
import { ISSUE_TITLES } from '../../../report/html/issue-titles';
import { ask } from '../../images/image-lists';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { issueLink } from '../quality';

/** @returns nothing for an image without an issue. */
export async function issuesMarkup(snapshot: OpenSnapshot, id: string): Promise<Markup> {
  if (!snapshot.hasIssues) return NOTHING;
  const answer = await ask(
    snapshot,
    `SELECT DISTINCT issue::VARCHAR AS issue FROM quality WHERE source_image_id::VARCHAR = ${literal(id)} ORDER BY issue`,
  );
  const issues = 'rows' in answer ? answer.rows.map(({ issue }) => String(issue)) : [];
  if (issues.length === 0) return NOTHING;
  const links = issues.map(
    (issue) =>
      html`<li>
        <a class="chip" href="${issueLink(issue)}">${ISSUE_TITLES[issue] ?? issue}</a>
      </li> `,
  );
  return html`<h2>What may be wrong</h2>
    <ul class="chips" aria-label="What may be wrong with this image">
      ${join(links)}
    </ul>`;
}
