/** Numbers of a picture with their units, what they mean, and how they compare with other files. */
import { MIN_QUALITY } from '../../../contract/derived/nearness';
import { countText } from '../../../contract/quantities';
import { numberIn, type Row } from '../../../report/ask';
import { html, join, NOTHING, type Markup } from '../../../report/html/html';
import { percent } from './palette';

interface Measure {
  readonly column: string;
  readonly title: string;
  /** The value as people read it. */
  readonly value: (value: number) => string;
  /** What the number is, and which values are unusual. */
  readonly meaning: string;
  /** What a file with more of it, or less, is called. */
  readonly more: string;
  readonly less: string;
}

const MEASURES: readonly Measure[] = [
  {
    column: 'sharpness',
    title: 'Sharpness',
    value: (value) => significant(value),
    meaning: 'Variance of the Laplacian, without a unit. Below 50 a picture is called blurry.',
    more: 'Sharper',
    less: 'Blurrier',
  },
  {
    column: 'brightness',
    title: 'Brightness',
    value: percent,
    meaning: 'Mean of luma: 0 % is black, 100 % is white.',
    more: 'Brighter',
    less: 'Darker',
  },
  {
    column: 'contrast',
    title: 'Contrast',
    value: (value) => percent(2 * value),
    meaning: 'Standard deviation of luma, in percent of the largest that is possible.',
    more: 'More contrast',
    less: 'Less contrast',
  },
  {
    column: 'colourfulness',
    title: 'Colourfulness',
    value: (value) => significant(value),
    meaning: '0 is grey, about 100 is the most colourful.',
    more: 'More colourful',
    less: 'Less colourful',
  },
  {
    column: 'entropy',
    title: 'Detail',
    value: (value) => `${value.toFixed(1)} bits`,
    meaning: 'Entropy of luma, at most 8 bits. Below 2 there is almost nothing to see.',
    more: 'More detail',
    less: 'Less detail',
  },
];

/** Shares that are worth a word only where there is some of them. */
const SHARES = [
  ['grey', 'is grey'],
  ['transparent', 'is transparent, at least in part'],
  ['border', 'is a border of one colour'],
] as const;

/** How many files have less of each measure, and how many have more. */
export function ranksSql(feature: Row): string {
  const counts = MEASURES.flatMap(({ column }) => {
    const value = `${numberIn(feature, column)}::FLOAT`;
    return [
      `count(*) FILTER (${column} < ${value})::BIGINT AS ${column}_less`,
      `count(*) FILTER (${column} > ${value})::BIGINT AS ${column}_more`,
    ];
  });
  return `SELECT count(*)::BIGINT AS files,\n  ${counts.join(',\n  ')}\nFROM feature`;
}

/** @param ranks the row of {@link ranksSql}; null where it could not be counted. */
export function measuresMarkup(feature: Row, ranks: Row | null): Markup {
  const items = MEASURES.filter(({ column }) => feature[column] != null).map((measure) =>
    measureMarkup(measure, feature, ranks),
  );
  const shares = SHARES.filter(([column]) => numberIn(feature, column) > 0).map(
    ([column, words]) => `${percent(numberIn(feature, column))} ${words}`,
  );
  const hasDetail = numberIn(feature, 'pdq_quality') >= MIN_QUALITY;
  return html`<dl class="measures">${join(items)}</dl>
    ${shares.length === 0 ? NOTHING : html`<p>Of the picture ${shares.join(', ')}.</p>`}
    ${
      hasDetail
        ? NOTHING
        : html`<p>
            There is little in this picture, so its sharpness says nothing, and it is compared with
            no other for near duplicates.
          </p>`
    }`;
}

function measureMarkup(measure: Measure, feature: Row, ranks: Row | null): Markup {
  const { column, title, value, meaning } = measure;
  return html`<div>
    <dt>${title}</dt>
    <dd>
      <span class="amount">${value(numberIn(feature, column))}</span>
      ${ranks === null ? NOTHING : rankMarkup(measure, ranks)} <span class="quiet">${meaning}</span>
    </dd>
  </div> `;
}

/** Ranks say nothing among fewer other files than this. */
const LEAST_OTHERS = 10;

/** Where fewer files than this share have less, or more, nearly all have the same. */
const LEAST_SHARE = 0.01;

function rankMarkup({ column, more, less }: Measure, ranks: Row): Markup {
  const others = numberIn(ranks, 'files') - 1;
  if (others < LEAST_OTHERS) return NOTHING;
  const below = numberIn(ranks, `${column}_less`) / others;
  const above = numberIn(ranks, `${column}_more`) / others;
  const [word, share] = below >= above ? [more, below] : [less, above];
  if (share < LEAST_SHARE) return html`<span>As nearly all other files.</span>`;
  // The marker is in the middle of the files with the same value.
  const at = Math.round(1_000 * ((1 + below - above) / 2)) / 10;
  return html`<svg class="rank" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect x="${Math.max(0, Math.min(98, at - 1))}" width="2" height="10"></rect>
    </svg>
    <span
      >${word} than
      ${share === 1 ? `all ${countText(others, 'other file')}` : ofOthers(share, others)}.</span
    >`;
}

/** Never "100 %" of the others where one of them is equal. */
function ofOthers(share: number, others: number): string {
  return `${Math.floor(100 * share)} % of the ${countText(others, 'other file')}`;
}

/** Three digits, or all before the point. */
function significant(value: number): string {
  if (value >= 100) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  return String(Number(value.toPrecision(3)));
}
