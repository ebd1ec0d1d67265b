/** What is known of an image and its file, in words. Values lead to the images with the same. */
import path from 'node:path';
import { bytesText } from '../../../contract/quantities';
import { withoutSecrets } from '../../../contract/without-secrets';
import type { Row } from '../../../report/ask';
import { foreign, html, join, NOTHING, type Markup } from '../../../report/html/html';
import { imagesLink } from '../../images/image-query';

/** What each state means for the person who looks at the image. */
const STATES: Readonly<Record<string, string>> = {
  stored: 'stored',
  failed: 'failed',
  pending: 'not asked for yet, or its file was lost',
  no_url: 'without a URL in the catalog',
  removed: 'no longer in the catalog; a file that was stored stays',
};

/** What each verdict of the check means. */
const VERDICTS: Readonly<Record<string, string>> = {
  valid: 'valid: the file is whole',
  suspect: 'suspect: every pixel is there, but something else is amiss',
  unchecked: 'unchecked: no decoder knows its kind',
};

interface Fact {
  readonly name: string;
  /** Null for a fact that is not known, which is not shown. */
  readonly value: string | null;
  readonly link?: string;
}

export function factsMarkup(image: Row, dataRoot: string): Markup {
  const text = (name: string): string | null => textIn(image, name);
  const url = text('thumb_url');
  const file = text('thumb_path');
  const facts: readonly Fact[] = [
    ...stateFacts(image),
    { name: 'Id', value: text('source_image_id') },
    filterFact(image, 'Collection', 'collection', 'collection'),
    { name: 'Record', value: text('record') },
    { name: 'URL', value: url === null ? null : withoutSecrets(url) },
    { name: 'File', value: file === null ? null : path.join(dataRoot, file) },
    ...fileFacts(image),
    { name: 'Downloaded (UTC)', value: secondsOf(text('downloaded_at')) },
    { name: 'Removed (UTC)', value: secondsOf(text('removed_at')) },
    ...runFacts(text('first_seen_run_id')),
  ];
  return html`<h2 class="first">What is known</h2>
    <dl class="facts">${join(facts.map(factMarkup))}</dl>`;
}

export function textIn(row: Row, name: string): string | null {
  const value = row[name];
  return value == null ? null : String(value);
}

function stateFacts(image: Row): readonly Fact[] {
  const state = textIn(image, 'state') ?? '';
  const code = textIn(image, 'last_error_code');
  const passes = image.last_error_retryable === true;
  const failure = `${code ?? ''}, ${passes ? 'which may pass: the next run asks again' : 'for good'}`;
  return [
    { name: 'State', value: STATES[state] ?? state, link: imagesLink({ filters: { state } }) },
    {
      name: 'Last failure',
      value: code === null ? null : failure,
      ...(state === 'failed' && code !== null
        ? { link: imagesLink({ filters: { state, code } }) }
        : {}),
    },
  ];
}

function fileFacts(image: Row): readonly Fact[] {
  const bytes = textIn(image, 'thumb_bytes');
  const verdict = filterFact(image, 'Check', 'thumb_verdict', 'verdict');
  return [
    filterFact(image, 'Format', 'thumb_format', 'format'),
    { ...verdict, value: VERDICTS[verdict.value ?? ''] ?? verdict.value },
    { name: 'Size', value: sizeText(Number(image.thumb_width), Number(image.thumb_height)) },
    { name: 'Bytes', value: bytes === null ? null : bytesText(Number(bytes)) },
    { name: 'sha256', value: textIn(image, 'thumb_sha256') },
  ];
}

/** A value that is a filter of images too. */
function filterFact(image: Row, name: string, column: string, filter: string): Fact {
  const value = textIn(image, column);
  if (value === null) return { name, value };
  return { name, value, link: imagesLink({ filters: { [filter]: value } }) };
}

function sizeText(width: number, height: number): string | null {
  if (!(width > 0 && height > 0)) return null;
  const megapixels = (width * height) / 1_000_000;
  const shape = width === height ? 'square' : width > height ? 'landscape' : 'portrait';
  const amount = megapixels < 0.1 ? '' : `${megapixels.toFixed(1)} megapixels, `;
  return `${width} × ${height} pixels (${amount}${shape})`;
}

function secondsOf(time: string | null): string | null {
  return time?.slice(0, 19) ?? null;
}

function runFacts(runId: string | null): readonly Fact[] {
  if (runId === null) return [];
  return [{ name: 'Added by run', value: runId, link: `/runs/${encodeURIComponent(runId)}` }];
}

function factMarkup({ name, value, link }: Fact): Markup {
  if (value === null) return NOTHING;
  const shown = foreign(value, 1_000);
  return html`<dt>${name}</dt>
    <dd>${link === undefined ? shown : html`<a class="value" href="${link}">${shown}</a>`}</dd> `;
}
