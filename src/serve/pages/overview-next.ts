/** What a person who looks at the overview can do next, with the commands. */
import { artemisCommand, collectionOption } from '../../contract/commands/printed-command';
import { countText } from '../../contract/quantities';
import { numberIn, type Answer, type Row } from '../../report/ask';
import { queryDetails } from '../../report/html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { hasEnded, type RunFacts } from '../../report/report-facts';

/** @param newest what the files of the newest run of each collection say. */
export function nextMarkup(left: Answer, newest: readonly RunFacts[], dataRoot: string): Markup {
  if (!('rows' in left)) return NOTHING;
  const items = left.rows.flatMap((row) => itemsOf(row, newest, dataRoot));
  return html`<section aria-labelledby="next">
    <h2 id="next">What to do next</h2>
    ${
      items.length === 0
        ? html`<p>Every image that has a URL is stored. Nothing is left to do.</p>`
        : html`<ul>
            ${join(items)}
          </ul>`
    }
    ${queryDetails(left)}
  </section>`;
}

/** The same run takes up what is left, so its command names the workflow id of the newest one. */
function itemsOf(row: Row, newest: readonly RunFacts[], dataRoot: string): readonly Markup[] {
  const name = row.collection === null ? null : String(row.collection);
  const of = name === null ? NOTHING : html` of the collection ${foreign(name)}`;
  const facts = newest.find(({ collection }) => collection === name);
  if (facts === undefined) {
    const command = artemisCommand(`run CATALOG${collectionOption(name)}`, dataRoot);
    return withoutRun(row, of, command);
  }
  const count = (column: string): number => numberIn(row, column);
  const { again, againFailed } = facts.commands;
  const items: Markup[] = [];
  if (!hasEnded(facts.state))
    items.push(
      html`<li>
        A run${of} has not ended.
        <a href="/runs/${encodeURIComponent(facts.runId)}">How far it is, and what waits</a>
      </li> `,
    );
  else {
    if (count('retryable') > 0)
      items.push(
        html`<li>
          ${countText(count('retryable'), 'image')}${of} failed for a reason that may pass. The next
          run asks again:
          <pre>${again}</pre>
        </li> `,
      );
    if (count('pending') > 0)
      items.push(
        html`<li>
          ${countText(count('pending'), 'image')}${of} without an outcome yet. A run without a limit
          asks for all of them:
          <pre>${again}</pre>
        </li> `,
      );
  }
  if (count('permanent') > 0 && againFailed !== null)
    items.push(
      html`<li>
        ${countText(count('permanent'), 'image')}${of} failed for good. A run asks for them again
        only when it is told to:
        <pre>${againFailed}</pre>
      </li> `,
    );
  return items;
}

/** Where no files say how a run of the collection was started, only its catalog starts another. */
function withoutRun(row: Row, of: Markup, command: string): readonly Markup[] {
  const open = ['retryable', 'permanent', 'pending'].reduce(
    (sum, one) => sum + numberIn(row, one),
    0,
  );
  if (open === 0) return [];
  return [
    html`<li>
      ${countText(open, 'image')}${of} with a URL ${open === 1 ? 'is' : 'are'} not stored. No files
      of a run say how it was started, so a run that goes on needs the catalog:
      <pre>${command}</pre>
    </li> `,
  ];
}
