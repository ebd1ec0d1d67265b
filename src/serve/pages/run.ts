/**
 * `/runs/<runId>`: one run, with the sections of its report over the newest snapshot. How far a run
 * is that has not ended comes from its files, as in `status`.
 */
import type { RunEntry } from '../../contract/run-record';
import type { Row } from '../../report/ask';
import { answersFor } from '../../report/answers';
import { sectionMarkup } from '../../report/html/document';
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
import { hasEnded, type RunFacts } from '../../report/report-facts';
import { ask } from '../images/image-lists';
import { imagesLink } from '../images/image-query';
import type { OpenSnapshot } from '../snapshot/open-snapshot';
import type { TemporalLinks } from '../temporal-links';
import { runNowMarkup } from './run-now';

export interface RunPage {
  readonly facts: RunFacts;
  readonly entry: RunEntry;
  readonly temporal: TemporalLinks;
  /** As {@link TemporalLinks.linkOf} takes it. */
  readonly executionId: string;
}

export async function runBody(snapshot: OpenSnapshot | null, run: RunPage): Promise<Markup> {
  const { facts, entry, temporal } = run;
  const job = {
    ...facts,
    publishedAt: snapshot?.publishedAt ?? null,
    drawnAt: new Date().toISOString(),
    database: { memory: '', threads: 1 },
  };
  const answers = snapshot === null ? null : await answersFor(facts, (sql) => ask(snapshot, sql));
  const sections = [
    ...(hasEnded(facts.state) ? [nextSection(job, answers)] : []),
    askedSection(job),
    ...(answers === null
      ? []
      : [
          storedSection(answers),
          failedSection(answers, failedLink),
          hostsSection(answers),
          rejectsSection(answers, job),
          modelsSection(answers),
          stepsSection(answers),
        ]),
  ].filter((section) => section !== null);
  return html`<div class="run-head">${headMarkup(job, answers ?? 'nothing was published yet')}</div>
    ${linksMarkup(run)} ${runNowMarkup({ entry, dataRoot: facts.dataRoot, temporal })}
    ${join(sections.map(sectionMarkup))}`;
}

function linksMarkup({ facts, entry, temporal, executionId }: RunPage): Markup {
  const { runId, workflowId } = facts;
  const inTemporal = temporal.linkOf(workflowId, executionId);
  return html`<p class="actions">
    <a class="button" href="${imagesLink({ filters: { added: runId } })}"
      >Images that this run added</a
    >
    <a class="button" href="${imagesLink({ filters: { removed: runId } })}"
      >Images that its catalog no longer had</a
    >
    ${
      entry.report == null
        ? NOTHING
        : html`<a class="button" href="/runs/${encodeURIComponent(runId)}/report"
            >The report file, to mail</a
          >`
    }
    ${
      inTemporal === null
        ? NOTHING
        : html`<a class="button" href="${inTemporal}" rel="noreferrer">In Temporal's Web UI</a>`
    }
  </p>`;
}

/** The images that are in this state now: later runs may have stored some of them. */
function failedLink({ host, code }: Row): string {
  const name = host === 'unknown' ? '' : String(host ?? '');
  return imagesLink({ filters: { state: 'failed', code: String(code ?? ''), host: name } });
}
