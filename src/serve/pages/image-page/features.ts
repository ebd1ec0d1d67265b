/** What the step `features` has computed of the file of an image. */
import { artemisCommand } from '../../../contract/commands/printed-command';
import { literal } from '../../../duckdb/sql-text';
import type { Question, Row } from '../../../report/ask';
import { queryDetails, unanswered } from '../../../report/html/answer-table';
import { foreign, html, NOTHING, type Markup } from '../../../report/html/html';
import { ask } from '../../images/image-lists';
import { imagesLink } from '../../images/image-query';
import type { OpenSnapshot } from '../../snapshot/open-snapshot';
import { hashesMarkup } from './hashes';
import { textIn } from './image-facts';
import { measuresMarkup, ranksSql } from './measures';
import { paletteMarkup } from './palette';
import { metadataMarkup } from './picture-metadata';

/** @returns nothing for an image without a file. */
export async function featuresMarkup(
  snapshot: OpenSnapshot,
  image: Row,
  dataRoot: string,
): Promise<Markup> {
  const sha256 = textIn(image, 'thumb_sha256');
  if (sha256 === null) return NOTHING;
  if (!snapshot.relations.has('feature')) return section(notComputed(dataRoot));
  const answer = await ask(snapshot, featureSql(sha256));
  if ('problem' in answer) return section(unanswered(answer, answer.problem));
  const [feature] = answer.rows;
  if (feature === undefined) return section(await whyThereAreNone(snapshot, sha256, dataRoot));
  const ranks = await ask(snapshot, ranksSql(feature));
  const ranked = 'rows' in ranks ? (ranks.rows[0] ?? null) : null;
  return html`${section(
    html`${colourMarkup(feature)} ${measuresMarkup(feature, ranked)} ${queryDetails(ranks)}`,
  )}
  ${metadataMarkup(feature)} ${hashesMarkup(feature, answer satisfies Question)}`;
}

function section(body: Markup): Markup {
  return html`<section aria-labelledby="looks">
    <h2 id="looks">How the picture looks</h2>
    ${body}
  </section>`;
}

/** Hashes as hexadecimal digits; nested values as JSON. */
function featureSql(sha256: string): string {
  const hex = (column: string): string => `lpad(lower(hex(${column})), 16, '0')`;
  const pdq = [0, 1, 2, 3].map((n) => hex(`pdq_${n}`)).join(' || ');
  return `SELECT sharpness, brightness, contrast, entropy, colourfulness, grey, transparent, border, colour,
  palette::JSON::VARCHAR AS palette, taken_at, metadata, version, pdq_quality,
  ${hex('phash')} AS phash, ${pdq} AS pdq
FROM feature WHERE sha256 = ${literal(sha256)}`;
}

function colourMarkup(feature: Row): Markup {
  const colour = textIn(feature, 'colour');
  if (colour === null) return NOTHING;
  const address = imagesLink({ filters: { colour } });
  return html`<p>The colour that stands out is <a href="${address}">${foreign(colour)}</a>.</p>
    ${paletteMarkup(textIn(feature, 'palette') ?? '[]')}`;
}

async function whyThereAreNone(
  snapshot: OpenSnapshot,
  sha256: string,
  dataRoot: string,
): Promise<Markup> {
  const answer = await ask(
    snapshot,
    `SELECT code, detail FROM fact_feature WHERE sha256 = ${literal(sha256)} AND outcome = 'failed'
ORDER BY version DESC, recorded_at DESC LIMIT 1`,
  );
  const [failure] = 'rows' in answer ? answer.rows : [];
  if (failure === undefined) return notComputed(dataRoot);
  return html`<p>
    Nothing could be computed of this file: ${foreign(textIn(failure, 'code') ?? '')}.
    ${foreign(textIn(failure, 'detail') ?? '', 600)}
  </p>`;
}

function notComputed(dataRoot: string): Markup {
  return html`<p>
      Sharpness, brightness, colours, hashes and the camera's data were not computed for this file
      yet. This run downloads nothing, and computes them for what is stored:
    </p>
    <pre>${artemisCommand('run --steps features,clusters,aggregates,publish', dataRoot)}</pre>`;
}
