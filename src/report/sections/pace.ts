/** How many outcomes each stretch of the run's time had, as a chart and a table. */
import { amountText } from '../../contract/quantities';
import { numberIn, type Answer, type Row } from '../ask';
import { answerTable } from '../html/answer-table';
import { html, join, NOTHING, type Markup } from '../html/html';

/** The chart's height, and the place for each stretch, in units of the drawing. */
const HEIGHT = 100;
const STRETCH = 10;
const STRETCHES = 60;

export function paceMarkup(answer: Answer): Markup {
  if (!('rows' in answer) || answer.rows.length < 2) return NOTHING;
  return html`<h3>Outcomes over time</h3>
    ${chart(answer.rows)}
    <details>
      <summary>The chart as a table</summary>
      ${answerTable({
        answer,
        columns: [
          { key: 'first_outcome_at', title: 'From (UTC)', kind: 'time' },
          { key: 'outcomes', title: 'Outcomes', kind: 'count' },
        ],
        caption: 'Outcomes by stretch of time',
        empty: 'None.',
      })}
    </details>`;
}

function chart(rows: readonly Row[]): Markup {
  const most = rows.reduce((max, row) => Math.max(max, numberIn(row, 'outcomes')), 1);
  const seconds = numberIn(rows[0] ?? null, 'seconds');
  const bars = rows.map((row) => {
    const height = Math.round((HEIGHT * numberIn(row, 'outcomes')) / most);
    const left = STRETCH * numberIn(row, 'stretch');
    return html`<rect
      x="${left}"
      y="${HEIGHT - height}"
      width="${STRETCH - 1}"
      height="${height}"
    ></rect>`;
  });
  const label = `Outcomes in stretches of ${seconds} s each; the busiest stretch had ${amountText(most)}`;
  const width = STRETCH * Math.min(STRETCHES, 1 + numberIn(rows.at(-1) ?? null, 'stretch'));
  return html`<svg
      class="chart"
      role="img"
      aria-label="${label}"
      viewBox="0 0 ${width} ${HEIGHT}"
      preserveAspectRatio="none"
    >
      ${join(bars)}
    </svg>
    <p class="quiet">${label}.</p>`;
}
