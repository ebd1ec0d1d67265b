/** The perceptual hashes of a picture, by which other programs know it again. */
import type { Question, Row } from '../../../report/ask';
import { queryDetails } from '../../../report/html/answer-table';
import { html, join, type Markup } from '../../../report/html/html';
import { textIn } from './image-facts';

const HASHES = [
  ['phash', 'pHash, 64 bits'],
  ['pdq', 'PDQ, 256 bits'],
  ['pdq_quality', 'PDQ quality, 0 to 100'],
  ['version', 'Version of the features'],
] as const;

export function hashesMarkup(feature: Row, question: Question): Markup {
  const pairs = HASHES.map(
    ([column, title]) =>
      html`<dt>${title}</dt>
        <dd><code>${textIn(feature, column) ?? ''}</code></dd> `,
  );
  return html`<section aria-labelledby="hashes">
    <h2 id="hashes">Hashes</h2>
    <dl class="facts">${join(pairs)}</dl>
    <p class="quiet">
      Pictures whose hashes differ in few bits look the same. Below a quality of 50 the hashes mean
      nothing.
    </p>
    ${queryDetails(question)}
  </section>`;
}
