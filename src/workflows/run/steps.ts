/**
 * The DAG of a run's steps, declared in one place. A new step is one entry here and its function.
 */
import type { StepName } from '../../contract/run-input';
import { STEP_NAMES } from '../../contract/run-input';
import { aggregatesStep } from './aggregates-step';
import { clustersStep } from './clusters-step';
import { downloadStep } from './download-step';
import { embeddingsStep } from './embeddings-step';
import { featuresStep } from './features-step';
import { ingestStep } from './ingest-step';
import { publishStep } from './publish-step';
import type { RunContext } from './run-context';

export interface Step {
  readonly name: StepName;
  /** Steps that must have ended before this one starts, when the run selects them. */
  readonly needs: readonly StepName[];
  readonly run: (context: RunContext) => Promise<void>;
}

export const STEPS: Readonly<Record<StepName, Step>> = {
  ingest: { name: 'ingest', needs: [], run: ingestStep },
  download: { name: 'download', needs: ['ingest'], run: downloadStep },
  features: { name: 'features', needs: ['download'], run: featuresStep },
  embeddings: { name: 'embeddings', needs: ['features'], run: embeddingsStep },
  clusters: { name: 'clusters', needs: ['embeddings'], run: clustersStep },
  aggregates: { name: 'aggregates', needs: ['clusters'], run: aggregatesStep },
  publish: { name: 'publish', needs: ['aggregates'], run: publishStep },
};

/**
 * The selected steps in an order that satisfies every `needs`, whatever their order in the input.
 */
export function stepsInOrder(selected: readonly StepName[]): readonly Step[] {
  const ordered: Step[] = [];
  const visit = (name: StepName): void => {
    const step = STEPS[name];
    if (ordered.includes(step)) return;
    step.needs.forEach(visit);
    ordered.push(step);
  };
  STEP_NAMES.forEach(visit);
  return ordered.filter((step) => selected.includes(step.name));
}
