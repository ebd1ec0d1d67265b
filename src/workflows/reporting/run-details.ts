/** The current details of a run in the Web UI, as Markdown. A pure function. */
import type { CatalogCounts } from '../../contract/catalog/catalog-counts';
import type { DownloadProgress } from '../../contract/download-workflow';
import type { FeatureProgress } from '../../contract/features/feature-workflow';
import type { EmbeddingCounts } from '../../contract/embeddings/embedding';
import { inline, moment, page, table } from '../../contract/markdown';
import type { ClusterCounts } from '../../contract/derived/cluster-counts';
import type { DerivedProblem } from '../../contract/derived/derived-file';
import type { ModelCounts } from '../../contract/derived/model-counts';
import type { Obstacle } from '../../contract/obstacle';
import type { CommandServer } from '../../contract/commands/printed-command';
import type { Placeholder } from '../../contract/placeholders';
import { NETWORK } from '../../contract/payloads';
import { counted, durationText } from '../../contract/quantities';
import {
  unknownIdsSentence,
  type RunState,
  type StepRecord,
  type Summary,
} from '../../contract/run-record';
import type { FailureCause } from '../obstacles/failure-cause';
import { operatorCommands } from '../operators/operator-commands';
import {
  clustersSection,
  commitSection,
  countsSection,
  derivedProblemsSection,
  embeddingsSection,
  featuresSection,
  modelsSection,
  obstacleSection,
  placeholdersSection,
  refusedSection,
  rejectsSection,
  reportSection,
  slowedSection,
  waitsSection,
} from './details-sections';

/** Times are ISO 8601 UTC. `step` is the one that runs, or that ran last. */
export interface RunFacts {
  readonly workflowId: string;
  readonly runId: string;
  readonly server: CommandServer;
  /** Null while it is not known. */
  readonly dataRoot: string | null;
  readonly now: string;
  readonly state: RunState;
  readonly steps: readonly StepRecord[];
  readonly step: StepRecord | null;
  readonly failure: FailureCause | null;
  readonly obstacle: Obstacle | null;
  /** How many of the catalog's rows were accepted and rejected; null until it has been read. */
  readonly catalog: CatalogCounts | null;
  readonly download: DownloadProgress | null;
  /** Files that many URLs of one host gave; known at the end of the run. */
  readonly placeholders: readonly Placeholder[];
  readonly features: FeatureProgress | null;
  readonly embeddings: EmbeddingCounts | null;
  readonly clusters: ClusterCounts | null;
  readonly models: ModelCounts | null;
  /** Where the report is, or why it could not be drawn; empty before the run is closed. */
  readonly report: Pick<Summary, 'report' | 'reportProblem'>;
  /** Why the tables of a kind are not in the snapshot. */
  readonly derivedProblems: readonly DerivedProblem[];
  /** When a parked run gives up; null when it never does, or is not parked. */
  readonly parkedUntil: string | null;
}

/** What needs an operator comes first, because the Web UI shows the details in a small window. */
export function runDetails(facts: RunFacts): string {
  const { state, download, features, obstacle } = facts;
  const commands = operatorCommands(state, {
    workflowId: facts.workflowId,
    server: facts.server,
    dataRoot: facts.dataRoot,
    step: facts.step?.name ?? '',
    host: steeredHost(facts),
  });
  const needsOperator = state === 'parked' || state === 'paused';
  return page([
    headline(facts),
    obstacleSection(obstacle, state),
    needsOperator ? commands : null,
    reportSection(facts.report, facts.runId, facts.dataRoot),
    stepsSection(facts),
    facts.catalog === null ? null : rejectsSection(facts.catalog, facts.runId, facts.dataRoot),
    download === null ? null : countsSection(download),
    download === null ? null : refusedSection(download),
    download?.unknownIds === undefined ? null : inline(unknownIdsSentence(download.unknownIds)),
    placeholdersSection(facts.placeholders, facts.dataRoot),
    download === null ? null : waitsSection(download),
    download === null ? null : slowedSection(download),
    download === null ? null : commitSection(download),
    features === null ? null : featuresSection(features),
    facts.embeddings === null ? null : embeddingsSection(facts.embeddings),
    facts.clusters === null ? null : clustersSection(facts.clusters),
    facts.models === null ? null : modelsSection(facts.models),
    derivedProblemsSection(facts.derivedProblems),
    needsOperator ? null : commands,
  ]);
}

/** Null in a run whose step `download` is over, or that has none. */
function steeredHost({ steps, download }: RunFacts): string | null {
  const mayDownload = steps.some(({ name, endedAt }) => name === 'download' && endedAt === null);
  if (!mayDownload) return null;
  return download?.waits.longest.find(({ host }) => host !== NETWORK)?.host ?? 'default';
}

function headline(facts: RunFacts): string {
  const { state, now } = facts;
  return `**${state}** · ${stateText(facts)} (As of ${moment(now)}.)`;
}

function stateText(facts: RunFacts): string {
  const { state, step, failure, download, parkedUntil } = facts;
  const name = step === null ? 'the run' : `the step ${step.name}`;
  const cause = failure === null ? '' : ` ${failureText(failure)}`;
  switch (state) {
    case 'running':
      return `${runningText(facts)}.`;
    case 'waiting':
      return `${inline(download?.words ?? 'another run downloads into this data root')}.`;
    case 'paused':
      return 'no new image starts until an operator resumes the run.';
    case 'parked': {
      const end = parkedUntil === null ? '' : ` It gives up at ${moment(parkedUntil)}.`;
      return `${name} failed and waits for an operator.${cause}${end}`;
    }
    case 'cancelling':
      return 'the run is being ended: what was downloaded is committed first.';
    case 'completed':
      return completedText(facts);
    case 'failed':
      return `${name} could not do its work.${cause} Start the run again when the cause is fixed: only what is left is fetched.`;
    case 'cancelled':
      return 'what was downloaded stays. Start the run again: only what is left is fetched.';
    case 'aborted':
      return `an operator ended the run${failure === null ? '' : `: ${inline(failure.detail, 900)}`}.`;
  }
}

function runningText({ step, download, features }: RunFacts): string {
  if (step === null) return 'the input is checked';
  const child = { download, features }[step.name as 'download' | 'features'] ?? null;
  const activity = child === null ? '' : `: ${inline(child.words)}`;
  return `the step ${step.name} is ${step.state}${activity}`;
}

/** Claims only what the run itself did. Another selection or a limit may have left images out. */
function completedText({ steps, download }: RunFacts): string {
  const skipped = steps.filter((step) => step.state === 'skipped').length;
  return [
    download === null ? 'the steps that were selected are done.' : downloadedText(download),
    skipped === 0 ? '' : ` ${counted(skipped, 'step was', 'steps were')} skipped.`,
  ].join('');
}

function downloadedText({ counts }: DownloadProgress): string {
  const { planned, stored, notModified, failed } = counts;
  const left = planned - stored - notModified - failed;
  const amounts = [
    `${counted(stored, 'image', 'images')} stored`,
    ...(notModified === 0 ? [] : [`${notModified} not modified`]),
    `${failed} failed`,
    ...(left === 0 ? [] : [`${left} not fetched`]),
  ].join(', ');
  return failed === 0
    ? `${amounts}.`
    : `${amounts}; the next run tries again those that may pass (select "failed": all of them).`;
}

function failureText({ code, detail }: FailureCause): string {
  return `**${inline(code, 60)}**: ${inline(detail, 900)}`;
}

function stepsSection({ steps, now }: RunFacts): string {
  const rows = steps.map((step) => [
    step.name,
    step.state,
    step.startedAt === null ? '' : moment(step.startedAt),
    step.startedAt === null ? '' : elapsedText(step.startedAt, step.endedAt ?? now),
    inline(step.code ?? '', 60),
  ]);
  return table(['step', 'state', 'since', 'for', 'code'], rows);
}

function elapsedText(from: string, to: string): string {
  return durationText(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000));
}
