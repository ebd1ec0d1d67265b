/** What a person can do next, with the commands. */
import { amountText } from '../../contract/quantities';
import { REPAIR_WORKFLOW_ID } from '../../contract/run-record';
import { hasEnded } from '../report-facts';
import type { ReportJob } from '../report-job';
import type { Answers } from '../answers';
import { firstRow, numberIn } from '../ask';
import { queryDetails } from '../html/answer-table';
import type { Section } from '../html/document';
import { html, join, NOTHING, type Markup } from '../html/html';

export function nextSection(job: ReportJob, answers: Answers | null): Section {
  return {
    id: 'next',
    title: 'What to do next',
    body: html`<ul>
        ${join(itemsFor(job, answers))}
      </ul>
      ${answers === null ? NOTHING : queryDetails(answers.left)}`,
  };
}

function itemsFor(
  { commands, state, workflowId }: ReportJob,
  answers: Answers | null,
): readonly Markup[] {
  const left = answers === null ? null : firstRow(answers.left);
  const retryable = numberIn(left, 'retryable');
  const permanent = numberIn(left, 'permanent');
  const pending = numberIn(left, 'pending');
  const isCompleted = state === 'completed';
  const items: Markup[] = [];
  if (!hasEnded(state))
    items.push(item('The run has not ended. See how far it is:', commands.status));
  if (hasEnded(state) && !isCompleted)
    items.push(
      item(
        `The run did not complete. The ${workflowId === REPAIR_WORKFLOW_ID ? 'next' : 'same'} run takes up what is left:`,
        commands.again,
      ),
    );
  if (isCompleted && retryable > 0)
    items.push(
      item(
        `${images(retryable)} failed for a reason that may pass. The next run asks for them again:`,
        commands.again,
      ),
    );
  if (permanent > 0 && commands.againFailed !== null)
    items.push(
      item(
        `${images(permanent)} failed for good: a run asks for them again only when it is told to:`,
        commands.againFailed,
      ),
    );
  if (isCompleted && pending > 0)
    items.push(
      item(
        `${images(pending)} were not asked for yet. A run without a limit does that:`,
        commands.again,
      ),
    );
  items.push(item('Check that every file is there and whole:', commands.verify));
  return items;
}

function images(count: number): string {
  return `${amountText(count)} ${count === 1 ? 'image' : 'images'} of the collection`;
}

function item(text: string, command: string): Markup {
  return html`<li>
    ${text}
    <pre>${command}</pre>
  </li> `;
}
