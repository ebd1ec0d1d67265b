/** The whole report as one HTML document. A pure function. */
import type { ReportJob } from './report-job';
import type { ReportAnswers } from './answers';
import { documentOf } from './html/document';
import { html, type Markup } from './html/html';
import { copiesSection, modelsSection, storedSection } from './sections/collection-sections';
import { headMarkup } from './sections/head';
import { nextSection } from './sections/next';
import { pictureSections } from './sections/picture-sections';
import {
  askedSection,
  failedSection,
  hostsSection,
  rejectsSection,
  stepsSection,
} from './sections/run-sections';
import { artemisCommand } from '../contract/commands/printed-command';

/** @param found the answers, or why the snapshot cannot be read. */
export function reportPage(job: ReportJob, found: ReportAnswers | string): string {
  const answers = typeof found === 'string' ? null : found;
  const sections =
    answers === null
      ? [nextSection(job, null), askedSection(job)]
      : [
          nextSection(job, answers),
          askedSection(job),
          storedSection(answers),
          failedSection(answers),
          hostsSection(answers),
          rejectsSection(answers, job),
          copiesSection(answers),
          ...(answers.pictures === null ? [] : pictureSections(answers.pictures)),
          modelsSection(answers),
          stepsSection(answers),
        ];
  return documentOf({
    title: `Run ${job.workflowId.slice(0, 200)}: ${job.state}`,
    head: headMarkup(job, found),
    sections: sections.filter((section) => section !== null),
    foot: footMarkup(job),
  });
}

function footMarkup({ dataRoot, commands }: ReportJob): Markup {
  return html`<p>
      Each number has the SQL that returned it. To run one of them on this machine, put it between
      the quotation marks:
    </p>
    <pre>${artemisCommand('query "SQL"', dataRoot)}</pre>
    <p>This report is a file of its own: it loads nothing and runs no script. To draw it again:</p>
    <pre>${commands.report}</pre>`;
}
