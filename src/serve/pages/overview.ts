/** `/`: what there is, what failed, and what to do next. */
import { rejectsSentence } from '../../contract/catalog/catalog-counts';
import { artemisCommand } from '../../contract/commands/printed-command';
import { amountText, bytesText, countText } from '../../contract/quantities';
import type { RunEntry } from '../../contract/run-record';
import { numberIn, type Answer, type Row } from '../../report/ask';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { answerTable, queryDetails, unanswered } from '../../report/html/answer-table';
import { hasEnded, type RunFacts } from '../../report/report-facts';
import { hostOfUrlSql } from '../../contract/hosts/host-of-url-sql';
import { dataRootDoubt } from '../files/data-root-doubt';
import { ask } from '../images/image-lists';
import { imagesLink } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { nextMarkup } from './overview-next';
import { pictureList } from './picture';
import { runSentence } from './runs';

const STATES_SQL = `SELECT state, count(*)::BIGINT AS images, count(DISTINCT thumb_sha256) FILTER (state = 'stored')::BIGINT AS files,
  sum(thumb_bytes) FILTER (state = 'stored')::BIGINT AS bytes
FROM image GROUP BY state ORDER BY images DESC, state`;

const FAILURES_SQL = `WITH failed AS (
  SELECT ${hostOfUrlSql('thumb_url')} AS host, last_error_code AS code, count(*)::BIGINT AS images,
    count(*) FILTER (last_error_retryable)::BIGINT AS may_pass, min(source_image_id) AS example
  FROM image WHERE state = 'failed' GROUP BY ALL ORDER BY images DESC, host, code LIMIT 20)
SELECT failed.*, (SELECT arg_max(f.detail, f.recorded_at) FROM fact_download f
  WHERE f.source_image_id = failed.example AND f.outcome = 'failed') AS detail
FROM failed ORDER BY images DESC, host, code`;

const LEFT_SQL = `SELECT collection,
  count(*) FILTER (state = 'failed' AND last_error_retryable)::BIGINT AS retryable,
  count(*) FILTER (state = 'failed' AND NOT last_error_retryable)::BIGINT AS permanent,
  count(*) FILTER (state = 'pending')::BIGINT AS pending
FROM image GROUP BY collection ORDER BY collection NULLS FIRST`;

const NEWEST_SQL = `SELECT source_image_id, thumb_sha256 FROM image
WHERE state = 'stored' ORDER BY downloaded_at DESC NULLS LAST, record LIMIT 7`;

export interface OverviewRuns {
  /** The newest first. */
  readonly entries: readonly RunEntry[];
  /** What the run's files say of the newest run of each collection. */
  readonly newest: readonly RunFacts[];
}

export async function overviewBody(
  snapshot: OpenSnapshot | null,
  runs: OverviewRuns,
  dataRoot: string,
): Promise<Markup> {
  if (snapshot === null) return emptyBody(runs, dataRoot);
  const states = await ask(snapshot, STATES_SQL);
  const failures = await ask(snapshot, FAILURES_SQL);
  const left = await ask(snapshot, LEFT_SQL);
  const newest = await ask(snapshot, NEWEST_SQL);
  return html`<p class="kicker">${foreign(dataRoot, 1_000)}</p>
    <h1>Overview</h1>
    ${statesMarkup(states)} ${newestMarkup(newest)} ${newestRun(runs, { hasImages: true })}
    ${nextMarkup(left, runs.newest, dataRoot)} ${failuresMarkup(failures)}`;
}

/** A data root without a snapshot: nothing was run yet, or the first run has not published. */
function emptyBody({ entries }: OverviewRuns, dataRoot: string): Markup {
  const [newest] = entries;
  const isUnderWay = newest !== undefined && !hasEnded(newest.state) && !newest.cutOff;
  return html`<h1>There are no images yet</h1>
    ${
      isUnderWay
        ? html`<p>
            A run is under way. Its images appear here as soon as it has read its catalog and
            published for the first time. Reload this page then.
            <a href="/runs/${encodeURIComponent(newest.runId)}">How far the run is</a>
          </p>`
        : html`<p>Nothing was published in <code>${foreign(dataRoot, 1_000)}</code>.</p>
            ${doubtMarkup(dataRoot)}
            <p>To download the images of a catalog:</p>
            <pre>${artemisCommand('run CATALOG', dataRoot)}</pre>
            <p>To see what a catalog contains, and which command takes its images:</p>
            <pre>${artemisCommand('inspect CATALOG', dataRoot)}</pre>`
    }
    ${newestRun({ entries, newest: [] }, { hasImages: false })}`;
}

/** For the person who began `serve` in another folder than the run, or misspelt its name. */
function doubtMarkup(dataRoot: string): Markup {
  const doubt = dataRootDoubt(dataRoot);
  if (doubt === null) return NOTHING;
  return html`<p>
    This folder ${doubt} If a run has stored images elsewhere, show them with the
    <code>--data</code> of that run:
    <code>${artemisCommand('serve', 'FOLDER')}</code>
  </p>`;
}

/** States in which people look for images, with the words of this page. */
const CARDS: readonly (readonly [state: string, title: string])[] = [
  ['stored', 'stored'],
  ['failed', 'failed'],
  ['pending', 'not asked for yet'],
  ['no_url', 'without a URL'],
  ['removed', 'no longer in the catalog'],
];

function statesMarkup(states: Answer): Markup {
  if ('problem' in states) return unanswered(states, states.problem);
  const cards = CARDS.flatMap(([state, title]) => {
    const row = states.rows.find((one) => one.state === state);
    if (row === undefined && state !== 'stored') return [];
    return [card(state, title, row ?? null)];
  });
  return html`<section aria-label="Images by state">
    <ul class="cards">
      ${join(cards)}
    </ul>
    ${queryDetails(states)}
  </section>`;
}

function card(state: string, title: string, row: Row | null): Markup {
  const more =
    state === 'stored' && row !== null
      ? html`<span class="quiet"
          >${countText(numberIn(row, 'files'), 'file')} with different bytes,
          ${bytesText(numberIn(row, 'bytes'))}</span
        >`
      : NOTHING;
  const order = state === 'removed' ? 'removed' : 'catalog';
  return html`<li>
    <a class="card ${state}" href="${imagesLink({ filters: { state }, order })}">
      <span class="amount">${amountText(numberIn(row, 'images'))}</span>
      <span>${title}</span> ${more}
    </a>
  </li> `;
}

/** @param shown with `hasImages`: there is a snapshot, which has the images of the run. */
function newestRun(
  { entries }: OverviewRuns,
  { hasImages }: { readonly hasImages: boolean },
): Markup {
  const [newest] = entries;
  if (newest === undefined) return NOTHING;
  return html`<section aria-labelledby="run">
    <h2 id="run">The last run</h2>
    <p>${runSentence(newest)}</p>
    <p class="actions">
      <a class="button" href="/runs/${encodeURIComponent(newest.runId)}">More of this run</a>
      ${hasImages ? newestLinks(newest) : NOTHING}
    </p>
    ${rejectedMarkup(entries)}
  </section>`;
}

function newestLinks({ runId }: RunEntry): Markup {
  return html`<a class="button" href="/runs/${encodeURIComponent(runId)}#hosts"
      >What each host took</a
    >
    <a class="button" href="${imagesLink({ filters: { added: runId } })}">Images that it added</a>
    <a class="button" href="${imagesLink({ filters: { removed: runId } })}"
      >Images that its catalog no longer had</a
    >`;
}

/** The rows that the run that read a catalog last did not take. */
function rejectedMarkup(entries: readonly RunEntry[]): Markup {
  const entry = entries.find(({ catalog }) => catalog != null);
  const sentence = entry?.catalog == null ? null : rejectsSentence(entry.catalog);
  if (entry === undefined || sentence === null) return NOTHING;
  return html`<p>
    ${foreign(sentence, 600)}
    <a href="/runs/${encodeURIComponent(entry.runId)}#rejected">Which rows, and what helps</a>
  </p>`;
}

function failuresMarkup(failures: Answer): Markup {
  if ('rows' in failures && failures.rows.length === 0) return NOTHING;
  return html`<section aria-labelledby="failed">
    <h2 id="failed">What failed</h2>
    ${answerTable({
      answer: failures,
      caption: 'Images in the state failed by host and code: the twenty largest groups.',
      columns: [
        { key: 'host', title: 'Host', kind: 'text' },
        { key: 'code', title: 'Code', kind: 'text' },
        { key: 'images', title: 'Images', kind: 'count' },
        { key: 'may_pass', title: 'May pass', kind: 'count' },
        { key: 'detail', title: 'Why one of them failed', kind: 'long' },
      ],
      link: (row) =>
        imagesLink({
          filters: {
            state: 'failed',
            code: String(row.code ?? ''),
            host: String(row.host ?? ''),
          },
        }),
    })}
  </section>`;
}

/** Pictures, so that the first page shows what the collection is about. */
function newestMarkup(newest: Answer): Markup {
  if (!('rows' in newest) || newest.rows.length === 0) return NOTHING;
  const pictures = newest.rows.map((row) => ({
    id: String(row.source_image_id),
    sha256: String(row.thumb_sha256),
    title: null,
    note: null,
  }));
  return html`<section aria-labelledby="newest">
    <h2 id="newest">
      <a href="${imagesLink({ filters: { state: 'stored' }, order: 'newest' })}">Stored last</a>
    </h2>
    ${pictureList(pictures, 'The images that were stored last')}
  </section>`;
}
