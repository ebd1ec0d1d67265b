/** `/runs`: the runs of the data root, the newest first. */
import { amountText, bytesText, countText } from '../../contract/quantities';
import type { RunEntry } from '../../contract/run-record';
import { foreign, html, join, NOTHING, type Markup } from '../../report/html/html';
import { moment, stateMarkup } from '../../report/html/run-facts';

/** The most runs of the page. */
const MOST_RUNS = 200;

export function runsBody(entries: readonly RunEntry[]): Markup {
  if (entries.length === 0)
    return html`<h1>Runs</h1>
      <p>This data root has no runs yet.</p>`;
  const shown = entries.slice(0, MOST_RUNS);
  const caption =
    shown.length < entries.length
      ? `The newest ${shown.length} of ${amountText(entries.length)} runs.`
      : 'The runs of this data root, the newest first.';
  return html`<h1>Runs</h1>
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="text">Run</th>
            <th scope="col" class="text">State</th>
            <th scope="col" class="time">Started (UTC)</th>
            <th scope="col" class="number">Stored</th>
            <th scope="col" class="number">Not modified</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="number">Bytes</th>
            <th scope="col" class="text">Report</th>
          </tr>
        </thead>
        <tbody>
          ${join(shown.map(rowMarkup))}
        </tbody>
      </table>
    </div>`;
}

function rowMarkup(entry: RunEntry): Markup {
  const { runId, workflowId, startedAt, stored, notModified, failed, bytes } = entry;
  const address = `/runs/${encodeURIComponent(runId)}`;
  const report =
    entry.report == null
      ? html`<span class="quiet">–</span>`
      : html`<a href="${address}/report"
          >report.html<span class="visually-hidden"> of ${workflowId}</span></a
        >`;
  return html`<tr>
    <th scope="row" class="text"><a href="${address}">${foreign(workflowId)}</a></th>
    <td class="text">${stateMarkup(shownState(entry))}</td>
    <td class="time">${startedAt.slice(0, 19).replace('T', ' ')}</td>
    <td class="number">${amountText(stored)}</td>
    <td class="number">${amountText(notModified)}</td>
    <td class="number">${amountText(failed)}</td>
    <td class="number">${bytesText(bytes)}</td>
    <td class="text">${report}</td>
  </tr> `;
}

/** The state of a run, which its progress does not show when no process goes on with it. */
export function shownState({ state, cutOff }: Pick<RunEntry, 'state' | 'cutOff'>): string {
  return cutOff ? 'cut off' : state;
}

/** A run in a sentence. */
export function runSentence(entry: RunEntry): Markup {
  const { workflowId, startedAt, stored, notModified, failed, bytes, step } = entry;
  const reason = step?.detail == null || entry.state === 'completed' ? null : step.detail;
  return html`${foreign(workflowId)}, started ${moment(startedAt)}:
  ${stateMarkup(shownState(entry))}. ${countText(stored, 'image')} stored (${bytesText(bytes)}),
  ${amountText(notModified)} found not modified, ${amountText(failed)}
  failed.${reason === null ? NOTHING : html` ${foreign(reason, 500)}`}`;
}
