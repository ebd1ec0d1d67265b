/** The child processes that a run needs soon, which are started before their work is known. */
import { hasLooked } from '../catalog/inspect/looked-at';
import { DEFAULT_STEPS, type StepName } from '../contract/run-input';
import type { RunEntry } from '../contract/run-record';
import type { ChildScript } from '../processes/child-scripts';

/**
 * The scripts that a run needs first. Called when a run is expected to open soon after its worker
 * has started. Scripts of later steps start later, because the first workflow tasks need the
 * processor.
 */
export function scriptsOfOpening(): readonly ChildScript[] {
  const first = scriptsOfFirstStep(DEFAULT_STEPS);
  return hasLooked() ? first : ['catalog/inspect/inspect-child.js', ...first];
}

/** The scripts that a run with these steps needs first, while it opens. */
export function scriptsOfFirstStep(steps: readonly StepName[]): readonly ChildScript[] {
  return steps.includes('ingest') ? ['catalog/catalog-child.js'] : scriptsAfterIngest(steps);
}

/** The scripts that a run with these steps needs next, while its catalog is read. */
export function scriptsAfterIngest(steps: readonly StepName[]): readonly ChildScript[] {
  return steps.includes('download') ? ['plan/plan-process.js'] : [];
}

/** The scripts that a run needs at its end, while its last step is under way. */
export function scriptsOfEnd({ step }: Pick<RunEntry, 'step'>): readonly ChildScript[] {
  const isLast = step?.name === 'publish' && step.state === 'running';
  return isLast ? ['report/child/report-process.js'] : [];
}
