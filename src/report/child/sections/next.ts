/** What a person can do next, with the commands. */
import { amountText } from '../../../contract/quantities';
import { hasEnded } from '../../report-facts';
import type { ReportJob } from '../../report-job';
import type { Answers } from '../answers';
import { firstRow, numberIn } from '../ask';
import { queryDetails } from '../html/answer-table';
import type { Section } from '../html/document';
import { html, join, NOTHING, type Markup } from '../html/html';

export function nextSection(job: ReportJob, answers: Answers | null): Section {
  const { commands, state } = job;
  const left = answers === null ? null : firstRow(answers.left);
  const count = (column: string): number => numberIn(left, column);
  const items = [
    ...(hasEnded(state)
      ? []
      : [item('The run has not ended. See how far it is:', commands.status)]),
    ...(hasEnded(state) && state !== 'completed'
      ? [item('The run did not complete. The same run takes up what is left:', commands.again)]
      : []),
    ...(state === 'completed' && count('retryable') > 0
      ? [
          item(
            `${images(count('retryable'))} failed for a reason that may pass. The next run asks for them again:`,
            commands.again,
          ),
        ]
      : []),
    ...(count('permanent') > 0 && commands.againFailed !== null
      ? [
          item(
            `${images(count('permanent'))} failed for good: a run asks for them again only when it is told to:`,
            commands.againFailed,
          ),
        ]
      : []),
    ...(state === 'completed' && count('pending') > 0
      ? [
          item(
            `${images(count('pending'))} were not asked for yet. A run without a limit does that:`,
            commands.again,
          ),
        ]
      : []),
    item('Check that every file is there and whole:', commands.verify),
  ];
  return {
    id: 'next',
    title: 'What to do next',
    body: html`<ul>
        ${join(items)}
      </ul>
      ${answers === null ? NOTHING : queryDetails(answers.left.sql)}`,
  };
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
