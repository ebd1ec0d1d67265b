/** `/quality`: what may be wrong with the stored images, with links to the images. */
import { artemisCommand } from '../../contract/commands/printed-command';
import { countText } from '../../contract/quantities';
import { numberIn, type Answer, type Row } from '../../report/ask';
import { answerTable, queryDetails, unanswered } from '../../report/html/answer-table';
import { html, join, type Markup } from '../../report/html/html';
import { ISSUE_TITLES } from '../../report/html/issue-titles';
import { BY_EXCESS_SQL } from '../../report/questions/picture-questions';
import { ask } from '../images/image-lists';
import { imagesLink, type Order } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { pictureList } from './picture';

/** Pictures of one issue: those that pass its limit by most. */
const PICTURES = 7;

const VERDICTS_SQL = `SELECT coalesce(thumb_verdict, 'none') AS verdict, count(*)::BIGINT AS images
FROM image WHERE state = 'stored' GROUP BY ALL ORDER BY images DESC, verdict`;

const PLACEHOLDERS_SQL = `SELECT thumb_sha256 AS sha256, count(*)::BIGINT AS images,
  count(DISTINCT thumb_url_hash)::BIGINT AS urls, any_value(thumb_bytes) AS bytes
FROM image WHERE state = 'stored' AND thumb_sha256 IS NOT NULL
GROUP BY thumb_sha256 HAVING urls >= 10 ORDER BY urls DESC, sha256 LIMIT 20`;

const ISSUES_SQL =
  'SELECT issue, count(*)::BIGINT AS images FROM quality GROUP BY issue ORDER BY issue';

const WORST_SQL = `SELECT issue, source_image_id AS id, thumb_sha256 AS sha256
FROM quality JOIN image USING (source_image_id)
QUALIFY row_number() OVER (PARTITION BY issue ORDER BY
  ${BY_EXCESS_SQL}, source_image_id) <= ${PICTURES}`;

/** The order that puts the images first that pass the limit of an issue by most. */
const ORDERS_OF_ISSUES: Readonly<Record<string, Order>> = {
  blurry: 'blurriest',
  dark: 'darkest',
  bright: 'brightest',
};

export async function qualityBody(snapshot: OpenSnapshot, dataRoot: string): Promise<Markup> {
  return html`<h1>Quality</h1>
    ${await issuesMarkup(snapshot, dataRoot)}
    <section aria-labelledby="verdicts">
      <h2 id="verdicts">How the files were checked</h2>
      <p>
        A file is <code>suspect</code> when every pixel is there but something else is amiss, and
        <code>unchecked</code> when no decoder knows its kind.
      </p>
      ${answerTable({
        answer: await ask(snapshot, VERDICTS_SQL),
        caption: 'Stored images by the verdict of the check.',
        empty: 'Nothing is stored yet.',
        columns: [
          { key: 'verdict', title: 'Verdict', kind: 'text' },
          { key: 'images', title: 'Images', kind: 'count', bar: true },
        ],
        link: ({ verdict }) =>
          imagesLink({
            filters: { state: 'stored', verdict: verdict === 'none' ? '' : String(verdict) },
          }),
      })}
    </section>
    <section aria-labelledby="placeholders">
      <h2 id="placeholders">Files that may be placeholders</h2>
      ${answerTable({
        answer: await ask(snapshot, PLACEHOLDERS_SQL),
        caption: 'Files that came from ten URLs or more, the twenty commonest.',
        empty: 'No file came from ten URLs or more.',
        columns: [
          { key: 'sha256', title: 'File', kind: 'text' },
          { key: 'urls', title: 'URLs', kind: 'count' },
          { key: 'images', title: 'Images', kind: 'count' },
          { key: 'bytes', title: 'Bytes', kind: 'bytes' },
        ],
        link: ({ sha256 }) => imagesLink({ filters: { state: 'stored', sha256: String(sha256) } }),
      })}
    </section>`;
}

async function issuesMarkup(snapshot: OpenSnapshot, dataRoot: string): Promise<Markup> {
  if (!snapshot.relations.has('quality'))
    return html`<p>
        What may be wrong with the pictures is found by the steps <code>features</code> and
        <code>aggregates</code>, which no run has done yet. This run downloads nothing:
      </p>
      <pre>${artemisCommand('run --steps features,clusters,aggregates,publish', dataRoot)}</pre>`;
  if (!snapshot.hasIssues)
    return html`<p>
      The model <a href="/models?name=quality">quality</a> of this data root is one of your own. It
      has no columns <code>issue</code> and <code>source_image_id</code>, so no issues are shown.
    </p>`;
  const counts = await ask(snapshot, ISSUES_SQL);
  if (!('rows' in counts)) return unanswered(counts, counts.problem);
  const worst = await ask(snapshot, WORST_SQL);
  const shown = counts.rows.map((row) => issueMarkup(row, worst));
  return html`<p>
      ${
        shown.length === 0
          ? 'Nothing that the model "quality" knows is wrong with the stored images.'
          : 'Each picture passes a limit of the model "quality". Whether that is wrong is for you to decide.'
      }
    </p>
    ${join(shown)} ${queryDetails(counts)}`;
}

/** The images with an issue, those beyond its limit by most first. */
export function issueLink(issue: string): string {
  const order = ORDERS_OF_ISSUES[issue] ?? 'catalog';
  return imagesLink({ filters: { issue }, order });
}

function issueMarkup(row: Row, worst: Answer): Markup {
  const issue = String(row.issue);
  const rows = 'rows' in worst ? worst.rows : [];
  const pictures = rows
    .filter((one) => one.issue === issue)
    .map((one) => ({ id: String(one.id), title: null, sha256: String(one.sha256), note: null }));
  const title = ISSUE_TITLES[issue] ?? issue;
  const images = numberIn(row, 'images');
  return html`<section class="group" aria-label="${title}">
    <h2><a href="${issueLink(issue)}">${title}</a></h2>
    <p class="quiet">${countText(images, 'image')}</p>
    ${pictureList(pictures, `${title}: the images beyond the limit by most`)}
  </section>`;
}
