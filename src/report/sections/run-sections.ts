/** The sections about what the run did. */
import type { ReportJob } from '../report-job';
import type { Answers } from '../answers';
import type { Section } from '../html/document';
import type { TableOptions } from '../html/answer-table';
import { foreign, html, join, NOTHING } from '../html/html';
import { paceMarkup } from './pace';
import { tableSection } from './table-section';

export function askedSection({ asked, runId }: ReportJob): Section {
  const pairs = asked.map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${foreign(value)}</dd> `,
  );
  return {
    id: 'asked',
    title: 'What was asked',
    body: html`<dl class="facts">${join(pairs)}</dl>
      <p class="quiet">
        The whole input is in <code>runs/${foreign(runId)}/run.json</code> of the data root.
      </p>`,
  };
}

/** @param link the address of the images of a row, in pages that have one. */
export function failedSection({ failures }: Answers, link?: TableOptions['link']): Section {
  return tableSection({
    id: 'failed',
    title: 'What failed',
    table: {
      answer: failures,
      columns: [
        { key: 'host', title: 'Host', kind: 'text' },
        { key: 'code', title: 'Code', kind: 'text' },
        { key: 'images', title: 'Images', kind: 'count', bar: true },
        { key: 'asked_again', title: 'May pass', kind: 'count' },
        { key: 'commonest_detail', title: 'Commonest detail', kind: 'long' },
        { key: 'example', title: 'For example', kind: 'text' },
      ],
      caption:
        'Images that failed in this run, by host and code. Those that may pass are asked for again by the next run.',
      empty: 'No image failed in this run.',
      ...(link === undefined ? {} : { link }),
    },
  });
}

export function hostsSection({ hosts, pace }: Answers): Section {
  return tableSection({
    id: 'hosts',
    title: 'Hosts, bytes, requests and time',
    table: {
      answer: hosts,
      columns: [
        { key: 'host', title: 'Host', kind: 'text' },
        { key: 'images', title: 'Images', kind: 'count' },
        { key: 'stored', title: 'Stored', kind: 'count' },
        { key: 'failed', title: 'Failed', kind: 'count' },
        { key: 'requests', title: 'Requests', kind: 'count' },
        { key: 'bytes', title: 'Bytes', kind: 'bytes', bar: true },
        { key: 'seconds', title: 'Seconds', kind: 'number' },
        { key: 'images_per_second', title: 'Images/s', kind: 'number' },
      ],
      caption: 'Images of this run by host. Seconds are those from its first outcome to its last.',
      empty: 'The run has no outcome of an image.',
    },
    after: paceMarkup(pace),
  });
}

export function rejectsSection({ rejects }: Answers, { rejectHints }: ReportJob): Section {
  const hints = rejectHints.map((hint) => html`<li>${hint}</li> `);
  return tableSection({
    id: 'rejected',
    title: 'Catalog rows that were not taken',
    table: {
      answer: rejects,
      columns: [
        { key: 'code', title: 'Code', kind: 'text' },
        { key: 'rows', title: 'Rows', kind: 'count', bar: true },
        { key: 'first_at', title: 'First', kind: 'text' },
        { key: 'example', title: 'Its id', kind: 'text' },
        { key: 'reason', title: 'What is wrong with it', kind: 'long' },
      ],
      caption: 'Rows that were rejected, by code, each with the first of them.',
      empty: 'Every row was taken, or repeated one that was.',
    },
    after:
      hints.length === 0
        ? NOTHING
        : html`<ul>
            ${join(hints)}
          </ul>`,
  });
}

export function stepsSection({ steps }: Answers): Section {
  return tableSection({
    id: 'steps',
    title: 'Steps',
    table: {
      answer: steps,
      columns: [
        { key: 'step', title: 'Step', kind: 'text' },
        { key: 'state', title: 'State', kind: 'text' },
        { key: 'started_at', title: 'Started (UTC)', kind: 'time' },
        { key: 'seconds', title: 'Seconds', kind: 'number' },
        { key: 'done_count', title: 'Done', kind: 'count' },
        { key: 'failed_count', title: 'Failed', kind: 'count' },
        { key: 'reason', title: 'Reason', kind: 'long' },
      ],
      caption: 'The steps of the run, as the snapshot has them.',
      empty: 'The snapshot has no step of this run.',
    },
  });
}
