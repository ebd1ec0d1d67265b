/** The sections of pictures: sheets of images, and one strip for each group. */
import { amountText, countText } from '../../contract/quantities';
import { numberIn, type Answer, type Row } from '../ask';
import { queryDetails } from '../html/answer-table';
import type { Section } from '../html/document';
import { foreign, html, join, NOTHING, type Markup } from '../html/html';
import { ISSUE_TITLES } from '../html/issue-titles';
import { thumbnailPlace } from '../html/thumbnail';
import type { PictureAnswers } from '../pictures';

/** @returns the sections that have a picture. */
export function pictureSections(answers: PictureAnswers): readonly Section[] {
  const { added, issues, copies, near, visual } = answers;
  const sections = [
    section('new-pictures', 'New images', added, sheet),
    section('issue-pictures', 'What may be wrong with images', issues, issueSheets),
    section('copy-pictures', 'The largest groups of copies', copies, (rows) =>
      pictureList(
        rows,
        'One image of each group',
        (row) => `${amountText(numberIn(row, 'images'))} ×`,
      ),
    ),
    section('near-pictures', 'Near duplicates', near, groupStrips),
    section('visual-pictures', 'Images that look alike', visual, groupStrips),
  ];
  return sections.filter((one) => one !== null);
}

/** A question that the snapshot cannot answer, or without rows, has no section. */
function section(
  id: string,
  title: string,
  answer: Answer | null,
  body: (rows: readonly Row[]) => Markup,
): Section | null {
  if (answer === null || !('rows' in answer) || answer.rows.length === 0) return null;
  return { id, title, body: html`${body(answer.rows)} ${queryDetails(answer)}` };
}

function sheet(rows: readonly Row[]): Markup {
  const images = numberIn(rows[0] ?? null, 'images');
  const shown = rows.length < images ? `, the first ${rows.length} of them here` : '';
  return html`<p>${countText(images, 'image')} with a file${shown}.</p>
    ${pictureList(rows, 'New images')}`;
}

function issueSheets(rows: readonly Row[]): Markup {
  const parts = groupsOf(rows, 'issue').map(([issue, ofIssue]) => {
    const title = ISSUE_TITLES[issue] ?? issue.slice(0, 60);
    return html`<h3>${title} · ${imagesText(ofIssue)}</h3>
      ${pictureList(ofIssue, title)}`;
  });
  return html`<p>
      Each picture passes a limit of the model "quality", those beyond it by most first. Whether
      that is wrong is for you to decide.
    </p>
    ${join(parts)}`;
}

function groupStrips(rows: readonly Row[]): Markup {
  return join(
    groupsOf(rows, 'cluster_id').map(([id, ofGroup]) => {
      const label = ofGroup[0]?.label;
      return html`<h3>
          ${imagesText(ofGroup)}${label == null ? NOTHING : html` · ${foreign(String(label), 60)}`}
        </h3>
        ${pictureList(ofGroup, `Images of the group ${id.slice(0, 16)}`)}`;
    }),
  );
}

function imagesText(rows: readonly Row[]): string {
  return countText(numberIn(rows[0] ?? null, 'images'), 'image');
}

/** The rows by the values of a column, in the order of the rows. */
function groupsOf(
  rows: readonly Row[],
  column: string,
): readonly (readonly [string, readonly Row[]])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const value = String(row[column]);
    groups.set(value, [...(groups.get(value) ?? []), row]);
  }
  return [...groups];
}

/** The name below a picture is its alternative text too, so it is read once. */
function pictureList(
  rows: readonly Row[],
  label: string,
  note: (row: Row) => string = () => '',
): Markup {
  const items = rows.map((row) => {
    const id = String(row.id);
    return html`<li>
      ${thumbnailPlace(String(row.sha256), `${note(row)} ${id.slice(0, 100)}`.trim())}
      <span aria-hidden="true">${note(row)} ${foreign(id, 40)}</span>
    </li> `;
  });
  return html`<ul class="sheet" aria-label="${label}">
    ${join(items)}
  </ul>`;
}
