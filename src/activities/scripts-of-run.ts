/** The child processes that a run needs soon, which are started before their work is known. */
import { hasLooked } from '../catalog/inspect/looked-at';
import { DEFAULT_STEPS, type StepName } from '../contract/run-input';
import type { ChildScript } from '../processes/prepared-processes';

/** Those of a run that will open soon after a worker for it has started. */
export function scriptsOfRun(): readonly ChildScript[] {
  const scripts = scriptsOfSteps(DEFAULT_STEPS);
  return hasLooked() ? scripts : ['catalog/inspect/inspect-child.js', ...scripts];
}

/** Those of a run with these steps, while it opens. */
export function scriptsOfSteps(steps: readonly StepName[]): readonly ChildScript[] {
  return [
    ...(steps.includes('ingest') ? (['catalog/catalog-child.js'] as const) : []),
    ...(steps.includes('download') ? (['plan/plan-process.js'] as const) : []),
  ];
}
