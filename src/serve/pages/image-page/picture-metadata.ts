/** What a file says of its picture: when, with what, and by whom it was taken. */
import { z } from 'zod';
import { parseJson } from '../../../files/parse-json';
import type { Row } from '../../../report/ask';
import { foreign, html, join, NOTHING, type Markup } from '../../../report/html/html';
import { textIn } from './image-facts';

const text = z.string().optional();
const number = z.number().optional();

/** Another version of the features may have further fields. */
const pictureMetadata = z.object({
  title: text,
  creator: text,
  copyright: text,
  licence: text,
  make: text,
  model: text,
  lens: text,
  software: text,
  takenAtOffset: text,
  orientation: number,
  exposureSeconds: number,
  fNumber: number,
  iso: number,
  focalLength: number,
});
type Metadata = z.infer<typeof pictureMetadata>;

/** How the pixels are turned and mirrored in the file, by the numbers of EXIF. Browsers undo it. */
const TURNS: Readonly<Record<number, string>> = {
  2: 'mirrored',
  3: 'upside down',
  4: 'upside down and mirrored',
  5: 'on its side and mirrored',
  6: 'on its side',
  7: 'on its side and mirrored',
  8: 'on its side',
};

/** @returns nothing for a file that says nothing of its picture. */
export function metadataMarkup(feature: Row): Markup {
  const metadata = parseJson(pictureMetadata, textIn(feature, 'metadata') ?? '{}') ?? {};
  const pairs = pairsOf(metadata, textIn(feature, 'taken_at')).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [pairMarkup(name, value)],
  );
  if (pairs.length === 0) return NOTHING;
  return html`<section aria-labelledby="metadata">
    <h2 id="metadata">What the file says of itself</h2>
    <dl class="facts">${join(pairs)}</dl>
    <p class="quiet">From EXIF, XMP and IPTC, as whoever made the file wrote it.</p>
  </section>`;
}

type Pair = readonly [name: string, value: string | null];

function pairsOf(metadata: Metadata, takenAt: string | null): readonly Pair[] {
  const { title, creator, copyright, licence, make, model, lens, software } = metadata;
  return [
    ['Title', title ?? null],
    ['Creator', creator ?? null],
    ['Copyright', copyright ?? null],
    ['Licence', licence ?? null],
    ['Taken', takenAt === null ? null : takenText(takenAt, metadata)],
    ['Camera', cameraText(make, model)],
    ['Lens', lens ?? null],
    ['Exposure', exposureText(metadata)],
    ['Software', software ?? null],
    ['Pixels in the file', TURNS[metadata.orientation ?? 1] ?? null],
  ];
}

function takenText(takenAt: string, { takenAtOffset }: Metadata): string {
  const zone = takenAtOffset === undefined ? 'by the clock of the camera' : `UTC${takenAtOffset}`;
  return `${takenAt.slice(0, 19)} (${zone})`;
}

/** Many models begin with the name of their maker. */
function cameraText(make: string | undefined, model: string | undefined): string | null {
  if (model === undefined) return make ?? null;
  if (make === undefined || model.toLowerCase().startsWith(make.toLowerCase())) return model;
  return `${make} ${model}`;
}

function exposureText({ exposureSeconds, fNumber, iso, focalLength }: Metadata): string | null {
  const parts = [
    exposureSeconds === undefined ? null : secondsText(exposureSeconds),
    fNumber === undefined ? null : `f/${fNumber}`,
    iso === undefined ? null : `ISO ${iso}`,
    focalLength === undefined ? null : `${focalLength} mm`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(', ');
}

/** As cameras show it: 1/125 s. */
function secondsText(seconds: number): string {
  return seconds > 0 && seconds < 0.4 ? `1/${Math.round(1 / seconds)} s` : `${seconds} s`;
}

function pairMarkup(name: string, value: string): Markup {
  return html`<dt>${name}</dt>
    <dd>${foreign(value, 600)}</dd> `;
}
