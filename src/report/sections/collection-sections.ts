/** The sections about the collection after the run. */
import { amountText, bytesText, countText } from '../../contract/quantities';
import type { Answers } from '../answers';
import { firstRow, numberIn, type Answer } from '../ask';
import { answerTable, queryDetails } from '../html/answer-table';
import type { Section } from '../html/document';
import { html, NOTHING, type Markup } from '../html/html';
import { tableSection } from './table-section';

export function storedSection({ states, changes }: Answers): Section {
  return tableSection({
    id: 'stored',
    title: 'What is stored',
    table: {
      answer: states,
      columns: [
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'images', title: 'Images', kind: 'count', bar: true },
        { key: 'bytes', title: 'Bytes', kind: 'bytes' },
      ],
      caption: 'The images of the collection by state, after this run.',
      empty: 'The collection has no images.',
    },
    after: changesMarkup(changes),
  });
}

function changesMarkup(changes: Answer): Markup {
  const counts = firstRow(changes);
  if (counts === null) return NOTHING;
  const added = amountText(numberIn(counts, 'new_images'));
  const removed = amountText(numberIn(counts, 'removed'));
  return html`<p>
      This run added ${added} images to the collection, and its catalog no longer had ${removed}.
    </p>
    ${queryDetails(changes)}`;
}

/** The groups of copies that are shown, the largest first. */
const LARGEST_GROUPS = 12;

export function copiesSection({ copies }: Answers): Section {
  return tableSection({
    id: 'copies',
    title: 'Copies',
    before: copiesSentence(copies),
    table: {
      answer: copies,
      columns: [
        { key: 'examples', title: 'For example', kind: 'text' },
        { key: 'images', title: 'Images', kind: 'count' },
        { key: 'urls', title: 'URLs', kind: 'count' },
        { key: 'bytes', title: 'File', kind: 'bytes' },
        { key: 'wasted_bytes', title: 'Wasted', kind: 'bytes' },
      ],
      caption:
        'Groups of stored images with the same bytes. Images of one URL share a file, so only further URLs waste space.',
      empty: 'No two stored images have the same bytes.',
      most: LARGEST_GROUPS,
    },
  });
}

function copiesSentence(copies: Answer): Markup {
  if (!('rows' in copies) || copies.rows.length === 0) return NOTHING;
  const sum = (column: string): number =>
    copies.rows.reduce((total, row) => total + numberIn(row, column), 0);
  return html`<p>
    ${amountText(sum('images'))} stored images are copies of one another, in
    ${countText(copies.rows.length, 'group')}. One file for each group would save
    ${bytesText(sum('wasted_bytes'))}.
  </p>`;
}

/** Null for a snapshot without models. */
export function modelsSection({ models, checks }: Answers): Section | null {
  if (models === null || checks === null) return null;
  return tableSection({
    id: 'models',
    title: 'Models and checks',
    table: {
      answer: checks,
      columns: [
        { key: 'name', title: 'Check', kind: 'text' },
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'bad_rows', title: 'Bad rows', kind: 'count' },
      ],
      caption: 'Checks, the failed ones first.',
      empty: 'There are no checks.',
    },
    after: answerTable({
      answer: models,
      columns: [
        { key: 'name', title: 'Model', kind: 'text' },
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'rows', title: 'Rows', kind: 'count' },
        { key: 'error', title: 'Mistake', kind: 'long' },
      ],
      caption: 'Tables that were built from the snapshot.',
      empty: 'There are no models.',
    }),
  });
}
