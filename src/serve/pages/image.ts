/** `/image?id=…`: everything that is known of one image. */
import path from 'node:path';
import { MIN_QUALITY, NEAR } from '../../contract/derived/nearness';
import { amountText, bytesText, countText } from '../../contract/quantities';
import { withoutSecrets } from '../../contract/without-secrets';
import { literal } from '../../processes/locked-database';
import type { Answer, Row } from '../../report/ask';
import { answerTable, queryDetails } from '../../report/html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { isShownInPages, shownType } from '../files/stored-file';
import { ask } from '../images/image-lists';
import { imagesLink } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import { lookAlikesMarkup } from './look-alikes';
import { fileLink, pictureList, previewLink } from './picture';

/** @returns null when there is no such image. */
export async function imageBody(
  snapshot: OpenSnapshot,
  id: string,
  dataRoot: string,
): Promise<Markup | null> {
  const oneRowOf = (relation: string): Promise<Answer> =>
    ask(snapshot, `SELECT * FROM ${relation} WHERE source_image_id = ${literal(id)} LIMIT 1`);
  const images = await oneRowOf('image');
  const [image] = 'rows' in images ? images.rows : [];
  if (image === undefined) return null;
  // The snapshot answers two queries at a time.
  const [catalog, outcomes, copies, near, alike] = await Promise.all([
    oneRowOf('catalog_row'),
    outcomesMarkup(snapshot, id),
    copiesMarkup(snapshot, image),
    nearMarkup(snapshot, image),
    lookAlikesMarkup(snapshot, image),
  ]);
  const title = titleOf(snapshot, catalog);
  return html`<h1>${foreign(title ?? id, 300)}</h1>
    <div class="split">
      <div>${pictureMarkup(image, title ?? id)}</div>
      <div>${factsMarkup(image, dataRoot)}</div>
    </div>
    ${catalogMarkup(catalog)} ${outcomes} ${copies} ${near} ${alike}`;
}

function titleOf({ titleColumn }: OpenSnapshot, catalog: Answer): string | null {
  if (titleColumn === null || !('rows' in catalog)) return null;
  const value = catalog.rows[0]?.[titleColumn];
  return value == null || value === '' ? null : String(value);
}

function textIn(row: Row, name: string): string | null {
  const value = row[name];
  return value == null ? null : String(value);
}

/** The longest side of the preview of a file that browsers do not show, in pixels. */
const SIDE = 640;

function pictureMarkup(image: Row, alt: string): Markup {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null || image.thumb_path == null)
    return html`<p class="no-picture large">There is no file of this image.</p>`;
  const type = shownType(textIn(image, 'thumb_format'));
  if (type === null)
    return html`<p class="no-picture large">
      Browsers do not show files of this kind here.
      <a href="${fileLink(sha256)}">Download the file</a>
    </p>`;
  if (!isShownInPages(type))
    return html`<img class="large" src="${previewLink(sha256, SIDE)}" alt="${alt.slice(0, 300)}" />
      <p>
        A preview, because browsers do not show files of this kind.
        <a href="${fileLink(sha256)}">Download the file</a>
      </p>`;
  return html`<a href="${fileLink(sha256)}"
    ><img class="large" src="${fileLink(sha256)}" alt="${alt.slice(0, 300)}" decoding="async"
  /></a>`;
}

/** What each state means for the person who looks at the image. */
const STATES: Readonly<Record<string, string>> = {
  stored: 'stored',
  failed: 'failed',
  pending: 'not asked for yet, or its file was lost',
  no_url: 'without a URL in the catalog',
  removed: 'no longer in the catalog; a file that was stored stays',
};

function factsMarkup(image: Row, dataRoot: string): Markup {
  const text = (name: string): string | null => textIn(image, name);
  const state = text('state') ?? '';
  const code = text('last_error_code');
  const bytes = text('thumb_bytes');
  const size =
    text('thumb_width') === null ? null : `${text('thumb_width')} × ${text('thumb_height')}`;
  const url = text('thumb_url');
  const file = text('thumb_path');
  const pairs: readonly (readonly [string, string | null])[] = [
    ['State', STATES[state] ?? state],
    [
      'Last failure',
      code === null
        ? null
        : `${code}, ${image.last_error_retryable === true ? 'which may pass: the next run asks again' : 'for good'}`,
    ],
    ['Id', text('source_image_id')],
    ['Collection', text('collection')],
    ['Record', text('record')],
    ['URL', url === null ? null : withoutSecrets(url)],
    ['File', file === null ? null : path.join(dataRoot, file)],
    ['Format', text('thumb_format')],
    ['Check', text('thumb_verdict')],
    ['Pixels', size],
    ['Bytes', bytes === null ? null : bytesText(Number(bytes))],
    ['sha256', text('thumb_sha256')],
    ['Downloaded (UTC)', text('downloaded_at')?.slice(0, 19) ?? null],
    ['Removed (UTC)', text('removed_at')?.slice(0, 19) ?? null],
  ];
  return html`<h2 class="first">What is known</h2>
    <dl class="facts">${join(pairs.map(pairMarkup))} ${addedBy(text('first_seen_run_id'))}</dl>`;
}

function addedBy(runId: string | null): Markup {
  if (runId === null) return NOTHING;
  return html`<dt>Added by run</dt>
    <dd><a href="/runs/${encodeURIComponent(runId)}">${foreign(runId)}</a></dd> `;
}

function pairMarkup([name, value]: readonly [string, string | null]): Markup {
  if (value === null) return NOTHING;
  return html`<dt>${name}</dt>
    <dd>${foreign(value, 1_000)}</dd> `;
}

/** The longest text of a column of the catalog that is shown, in characters. */
const MOST_TEXT = 2_000;

/** The longest text that leads to the images with the same, in UTF-16 units. */
const MOST_LINKED = 120;

/** The most columns of the catalog that are shown. */
const MOST_COLUMNS = 200;

function catalogMarkup(catalog: Answer): Markup {
  const [row] = 'rows' in catalog ? catalog.rows : [];
  const heading = html`<h2 id="catalog">In the catalog</h2>`;
  if (row === undefined)
    return html`<section aria-labelledby="catalog">
      ${heading}
      <p>The catalog that was merged last does not have this image.</p>
    </section>`;
  const columns = Object.entries(row).filter(
    ([name, value]) => value !== null && value !== '' && name !== 'source_image_id',
  );
  const pairs = columns.slice(0, MOST_COLUMNS).map(
    ([name, value]) =>
      html`<dt>${foreign(name, 100)}</dt>
        <dd>${columnValue(name, String(value))}${cutNote(String(value))}</dd> `,
  );
  return html`<section aria-labelledby="catalog">
    ${heading}
    <dl class="facts">${join(pairs)}</dl>
    ${
      columns.length > MOST_COLUMNS
        ? html`<p>
            The first ${MOST_COLUMNS} of ${amountText(columns.length)} columns; the query returns
            all.
          </p>`
        : NOTHING
    }
    ${queryDetails(catalog)}
  </section>`;
}

/** A value leads to the images that have it. Long texts and numbers of rows are of one image. */
function columnValue(column: string, value: string): Markup {
  const shown = foreign(value, MOST_TEXT);
  if (column === 'record' || value.length > MOST_LINKED) return shown;
  const columns = [{ column, value }];
  return html`<a class="value" href="${imagesLink({ columns, by: column })}">${shown}</a>`;
}

function cutNote(text: string): Markup {
  if (text.length <= MOST_TEXT) return NOTHING;
  return html` <span class="quiet">(the beginning of ${amountText(text.length)} characters)</span>`;
}

/** The most outcomes that are shown, the newest. */
const MOST_OUTCOMES = 100;

async function outcomesMarkup(snapshot: OpenSnapshot, id: string): Promise<Markup> {
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

async function copiesMarkup(snapshot: OpenSnapshot, image: Row): Promise<Markup> {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null) return NOTHING;
  const counted = await ask(
    snapshot,
    `SELECT source_image_id, count(*) OVER ()::INTEGER AS images FROM image
WHERE thumb_sha256 = ${literal(sha256)} AND source_image_id <> ${literal(String(image.source_image_id))}
ORDER BY record, source_image_id LIMIT 12`,
  );
  const rows = 'rows' in counted ? counted.rows : [];
  if (rows.length === 0) return NOTHING;
  const pictures = rows.map((row) => ({
    id: String(row.source_image_id),
    title: null,
    note: null,
    sha256,
  }));
  return html`<section aria-labelledby="copies">
    <h2 id="copies">Copies</h2>
    <p>
      <a href="${imagesLink({ filters: { sha256 } })}"
        >${countText(Number(rows[0]?.images ?? 0), 'other image')}</a
      >
      with the same bytes.
    </p>
    ${pictureList(pictures, 'Images with the same bytes')} ${queryDetails(counted)}
  </section>`;
}

/** Near duplicates as the step `clusters` defines them. */
async function nearMarkup(snapshot: OpenSnapshot, image: Row): Promise<Markup> {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null || !snapshot.relations.has('feature')) return NOTHING;
  const bits = [0, 1, 2, 3].map((n) => `bit_count(xor(f.pdq_${n}, o.pdq_${n}))`).join(' + ');
  const answer = await ask(
    snapshot,
    `SELECT i.source_image_id, i.thumb_sha256 AS sha256, bit_count(xor(f.phash, o.phash))::INTEGER AS bits
FROM feature o JOIN feature f ON f.sha256 <> o.sha256 JOIN image i ON i.thumb_sha256 = f.sha256 AND i.state = 'stored'
WHERE o.sha256 = ${literal(sha256)} AND bit_count(xor(f.phash, o.phash)) <= ${NEAR.phash} AND ${bits} <= ${NEAR.pdq}
  AND f.pdq_quality >= ${MIN_QUALITY} AND o.pdq_quality >= ${MIN_QUALITY}
ORDER BY bits, i.record, i.source_image_id LIMIT 12`,
  );
  const rows = 'rows' in answer ? answer.rows : [];
  if (rows.length === 0) return NOTHING;
  const pictures = rows.map((row) => ({
    id: String(row.source_image_id),
    title: null,
    sha256: String(row.sha256),
    note: `${countText(Number(row.bits), 'bit')} apart`,
  }));
  return html`<section aria-labelledby="near">
    <h2 id="near">Near duplicates</h2>
    ${pictureList(pictures, 'Images that look like copies')} ${queryDetails(answer)}
  </section>`;
}
