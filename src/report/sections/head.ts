/** The top of the report: which run this is, and what happened in a few sentences. */
import { amountText, bytesText, durationText } from '../../contract/quantities';
import { hasEnded } from '../report-facts';
import type { ReportJob } from '../report-job';
import type { Answers } from '../answers';
import { firstRow, numberIn } from '../ask';
import { queryDetails } from '../html/answer-table';
import { foreign, html, join, NOTHING, type Markup } from '../html/html';
import { moment, stateMarkup } from '../html/run-facts';

/** @param found the answers, or why the snapshot cannot be read. */
export function headMarkup(job: ReportJob, found: Answers | string): Markup {
  const { workflowId, runId, state, startedAt, endedAt, reason, drawnAt, publishedAt } = job;
  const pairs: readonly (readonly [string, Markup])[] = [
    ['Run', foreign(runId)],
    ['Started', html`${moment(startedAt)}`],
    ['Ended', html`${endedAt === null ? 'not yet' : moment(endedAt)}${tookText(job)}`],
    ['Data root', foreign(job.dataRoot, 1_000)],
    [
      'Numbers from',
      html`${publishedAt === null ? 'no snapshot' : `the snapshot of ${moment(publishedAt)}`}`,
    ],
    ['Drawn', html`${moment(drawnAt)}`],
  ];
  const facts = pairs.map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${value}</dd> `,
  );
  return html`<p class="kicker">Report of a run of artemis-pipeline</p>
    <h1>${foreign(workflowId, 300)}</h1>
    <p>${stateMarkup(state)}${reason === null ? NOTHING : html`: ${reasonMarkup(reason)}`}</p>
    ${happened(job, found)}
    <dl class="facts">${join(facts)}</dl>`;
}

function reasonMarkup({ code, detail }: NonNullable<ReportJob['reason']>): Markup {
  return html`${code === null ? '' : `${code}: `}${foreign(detail, 1_000)}`;
}

function happened(job: ReportJob, answers: Answers | string): Markup {
  if (typeof answers === 'string')
    return html`<p>
      There is no snapshot that can be read (${foreign(answers, 500)}), so this report has only what
      the files of the run say.
    </p>`;
  const totals = firstRow(answers.totals);
  const count = (column: string): number => numberIn(totals, column);
  const images = count('stored') + count('not_modified') + count('failed');
  const isRecorded = firstRow(answers.run)?.ended_at != null;
  const sentences = [
    images === 0
      ? 'It has no outcome of an image in the snapshot.'
      : `It has the outcomes of ${amountText(images)} ${images === 1 ? 'image' : 'images'} of ${amountText(count('hosts'))} ${count('hosts') === 1 ? 'host' : 'hosts'}: ${amountText(count('stored'))} stored (${bytesText(count('bytes'))}), ${amountText(count('not_modified'))} found not modified, ${amountText(count('failed'))} failed.`,
    images === 0 ? '' : `${amountText(count('requests'))} requests were sent for them.`,
    hasEnded(job.state) && !isRecorded
      ? 'The snapshot does not have the end of this run, so numbers may be missing.'
      : '',
  ];
  return html`<p>${sentences.filter((one) => one !== '').join(' ')}</p>
    ${queryDetails(answers.totals)}`;
}

function tookText({ startedAt, endedAt }: ReportJob): string {
  if (endedAt === null) return '';
  return `, after ${durationText((Date.parse(endedAt) - Date.parse(startedAt)) / 1_000)}`;
}
