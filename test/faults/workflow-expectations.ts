/** What a whole run must record about cases of the table. */
import type { FaultCase } from './fault-case';
import type { FaultRun, Told } from './workflow-run';

/**
 * Checks the outcome and code of each case, and whether a later run tries it again. Checks the
 * number of requests too, except for cases with settings of their own.
 */
export function expectAsInTheTable(run: FaultRun, told: ReadonlyMap<string, Told>): void {
  const seen = run.cases.map(({ fault, image }) => factsOf(fault, told.get(image.id)));
  expect(seen).toEqual(run.cases.map(({ fault }) => wantedOf(fault)));
}

export function expectNeighboursStored(run: FaultRun, told: ReadonlyMap<string, Told>): void {
  const ids = run.cases.flatMap(({ neighbours }) => neighbours.map(({ id }) => id));
  expect(ids.filter((id) => told.get(id)?.outcome !== 'stored')).toEqual([]);
}

function wantedOf({ row, what, expected, settings }: FaultCase): object {
  const { outcome, code, retryable, requests } = expected;
  return {
    ...{ what: `${row} ${what}`, outcome, code },
    ...{ retryable: outcome === 'failed' && retryable },
    requests: settings === undefined ? requests : null,
  };
}

function factsOf({ row, what, settings }: FaultCase, told: Told | undefined): object {
  return {
    ...{ what: `${row} ${what}`, outcome: told?.outcome, code: told?.code ?? null },
    retryable: told?.retryable === true,
    requests: settings === undefined ? told?.requests : null,
  };
}
