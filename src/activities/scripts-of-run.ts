/** The child processes that a run needs soon, which are started before their work is known. */
import { hasLooked } from '../catalog/inspect/looked-at';
import { DEFAULT_STEPS, type StepName } from '../contract/run-input';
import type { RunEntry } from '../contract/run-record';
import type { ChildScript } from '../processes/child-scripts';

/**
 * Those that a run needs first, if it will open soon after a worker for it has started. The others
 * start later: the first tasks of the workflow need the processor meanwhile.
 */
export function scriptsOfOpening(): readonly ChildScript[] {
  const first = scriptsOfFirstStep(DEFAULT_STEPS);
  return hasLooked() ? first : ['catalog/inspect/inspect-child.js', ...first];
}

/** Those that a run with these steps needs first, while it opens. */
export function scriptsOfFirstStep(steps: readonly StepName[]): readonly ChildScript[] {
  return steps.includes('ingest') ? ['catalog/catalog-child.js'] : scriptsAfterIngest(steps);
}

/** Those that a run with these steps needs next, while the catalog is read. */
export function scriptsAfterIngest(steps: readonly StepName[]): readonly ChildScript[] {
  return steps.includes('download') ? ['plan/plan-process.js'] : [];
}

/** Those that a run needs at its end, while its last step is under way. */
export function scriptsOfEnd({ step }: Pick<RunEntry, 'step'>): readonly ChildScript[] {
  const isLast = step?.name === 'publish' && step.state === 'running';
  return isLast ? ['report/child/report-process.js'] : [];
}
