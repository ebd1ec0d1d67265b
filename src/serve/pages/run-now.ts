/** How far a run that has not ended is, what is in its way, and what can be done about it. */
import { operatorChoices } from '../../contract/commands/operator-choices';
import { ourTemporalCommand } from '../../contract/commands/printed-command';
import { amountText } from '../../contract/quantities';
import type { RunEntry } from '../../contract/run-record';
import { html, join, NOTHING, type Markup } from '../../report/html/html';
import type { RunFactName, RunProgress } from '../json-answers';
import type { TemporalLinks } from '../temporal-links';
import { runProgress } from './run-progress';

/** The facts in the order of the page, with their names. */
const FACTS: readonly (readonly [RunFactName, string])[] = [
  ['step', 'Step'],
  ['stored', 'Stored'],
  ['failed', 'Failed'],
  ['pace', 'Rate'],
  ['left', 'Time left'],
  ['committed', 'Outcomes in the warehouse'],
  ['moved', 'Last change'],
];

export interface RunNowOptions {
  readonly entry: RunEntry;
  readonly dataRoot: string;
  readonly temporal: TemporalLinks;
}

/**
 * A script keeps the texts up to date. Without one the page has a link that loads it again.
 *
 * @returns nothing for a run that has ended.
 */
export function runNowMarkup(options: RunNowOptions): Markup {
  const { entry } = options;
  const progress = runProgress(entry);
  if (progress.hasEnded) return NOTHING;
  const facts = FACTS.map(
    ([name, title]) =>
      html`<dt>${title}</dt>
        <dd id="run-${name}">${progress.facts[name]}</dd> `,
  );
  return html`<section
    aria-labelledby="now"
    id="run-now"
    data-run="${entry.runId}"
    data-state="${progress.state}"
  >
    <h2 id="now">How far it is</h2>
    ${barMarkup(progress)}
    <p id="run-problem" class="note bad" ${hidden(progress.problem === null)}>
      ${progress.problem ?? ''}
    </p>
    ${remedyMarkup(entry)}
    <dl class="facts">${join(facts)}</dl>
    ${waitsMarkup(progress)}
    <p class="quiet" id="run-follow" hidden>This page follows the run.</p>
    <noscript
      ><p>
        <a href="/runs/${encodeURIComponent(entry.runId)}">Load this page again</a> to see how far
        the run is then.
      </p></noscript
    >
    ${choicesMarkup(options)}
  </section>`;
}

/** An attribute without a value cannot be written as text, which would be escaped. */
function hidden(isHidden: boolean): Markup {
  return isHidden ? html`hidden` : NOTHING;
}

function barMarkup({ done, planned }: RunProgress): Markup {
  return html`<p>
    <label
      ><span id="run-done">${amountText(done)} of ${amountText(planned)} images are done</span>
      <progress id="run-bar" max="${Math.max(1, planned)}" value="${done}"></progress
    ></label>
  </p>`;
}

/** The command of what is in the way of the step. */
function remedyMarkup({ command }: RunEntry): Markup {
  return command === undefined ? NOTHING : html`<pre>${command}</pre>`;
}

function waitsMarkup({ waits }: RunProgress): Markup {
  return html`<div id="run-waiting" ${hidden(waits.length === 0)}>
    <h3>Hosts that wait</h3>
    <p>Their images are downloaded later, and all others meanwhile.</p>
    <ul id="run-waits">
      ${join(waits.map((wait) => html`<li><bdi>${wait}</bdi></li> `))}
    </ul>
  </div>`;
}

function choicesMarkup({ entry, dataRoot, temporal }: RunNowOptions): Markup {
  const { configured } = temporal;
  const choices = operatorChoices(entry.state, {
    workflowId: entry.workflowId,
    step: entry.step?.name ?? '',
    host: entry.waits?.find(({ host }) => host !== 'the network')?.host ?? 'default',
    serverOptions: [],
  });
  const items = choices.map(
    ({ words, parts }) =>
      html`<li>
        ${words}:
        <pre>${ourTemporalCommand(parts.join(' '), { dataRoot, configured })}</pre>
      </li> `,
  );
  if (items.length === 0) return NOTHING;
  return html`<h3>What you can do</h3>
    <ul>
      ${join(items)}
    </ul>`;
}
