/** `/runs/<runId>`: one run, with the sections of its report over the newest snapshot. */
import type { RunEntry } from '../../contract/run-record';
import { answersFor } from '../../report/answers';
import type { Section } from '../../report/html/document';
import { html, join, NOTHING, type Markup } from '../../report/html/html';
import { modelsSection, storedSection } from '../../report/sections/collection-sections';
import { headMarkup } from '../../report/sections/head';
import { nextSection } from '../../report/sections/next';
import {
  askedSection,
  failedSection,
  hostsSection,
  rejectsSection,
  stepsSection,
} from '../../report/sections/run-sections';
import type { RunFacts } from '../../report/report-facts';
import { ask } from '../images/image-lists';
import { imagesLink } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';

export async function runBody(
  snapshot: OpenSnapshot | null,
  facts: RunFacts,
  entry: Pick<RunEntry, 'report'>,
): Promise<Markup> {
  const job = {
    ...facts,
    publishedAt: snapshot?.publishedAt ?? null,
    drawnAt: new Date().toISOString(),
    database: { memory: '', threads: 1 },
  };
  const answers = snapshot === null ? null : await answersFor(facts, (sql) => ask(snapshot, sql));
  const sections = [
    nextSection(job, answers),
    askedSection(job),
    ...(answers === null
      ? []
      : [
          storedSection(answers),
          failedSection(answers),
          hostsSection(answers),
          rejectsSection(answers, job),
          modelsSection(answers),
          stepsSection(answers),
        ]),
  ].filter((section) => section !== null);
  return html`<div class="run-head">${headMarkup(job, answers ?? 'nothing was published yet')}</div>
    ${linksMarkup(facts, entry)} ${join(sections.map(sectionMarkup))}`;
}

function linksMarkup({ runId }: RunFacts, { report }: Pick<RunEntry, 'report'>): Markup {
  return html`<p class="actions">
    <a class="button" href="${imagesLink({ filters: { added: runId } })}"
      >Images that this run added</a
    >
    ${
      report == null
        ? NOTHING
        : html`<a class="button" href="/runs/${encodeURIComponent(runId)}/report"
            >The report file, to mail</a
          >`
    }
  </p>`;
}

function sectionMarkup({ id, title, body }: Section): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section> `;
}
