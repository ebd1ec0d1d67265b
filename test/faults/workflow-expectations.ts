/** What a whole run must record about cases of the table. */
import { requestsByRun, type FaultCase } from './fault-case';
import type { FaultRun, Told } from './workflow-run';

/**
 * Checks the outcome and code of each case after a run, and whether a later run tries it again.
 * Checks the number of requests too, except for cases with settings of their own.
 *
 * @param index 0 for the first run, up to 2 for the third.
 */
export function expectAsInTheTable(
  run: FaultRun,
  told: ReadonlyMap<string, Told>,
  index: 0 | 1 | 2 = 0,
): void {
  const seen = run.cases.map(({ fault, image }) => factsOf(fault, told.get(image.id), index));
  expect(seen).toEqual(run.cases.map(({ fault }) => wantedOf(fault)));
}

export function expectNeighboursStored(run: FaultRun, told: ReadonlyMap<string, Told>): void {
  const ids = run.cases.flatMap(({ neighbours }) => neighbours.map(({ id }) => id));
  expect(ids.filter((id) => told.get(id)?.outcome !== 'stored')).toEqual([]);
}

/**
 * A request that gets no answer over a kept connection is sent once more. Whether a connection was
 * kept depends on the time that other images of a whole run take.
 */
const WITHOUT_ANSWER: ReadonlySet<string | null> = new Set(['connect', 'protocol']);

function wantedOf({ row, what, expected, readFromCatalog }: FaultCase): object {
  const { outcome, code, retryable } = readFromCatalog ?? expected;
  return {
    ...{ what: `${row} ${what}`, outcome, code },
    ...{ retryable: outcome === 'failed' && retryable, requests: 'as expected' },
  };
}

function factsOf(fault: FaultCase, told: Told | undefined, index: 0 | 1 | 2): object {
  const { row, what, settings } = fault;
  const expected = fault.readFromCatalog ?? fault.expected;
  const counts = [requestsByRun(expected)[index]].flat();
  const requests = told?.requests ?? -1;
  const isOneApart = (count: number): boolean =>
    WITHOUT_ANSWER.has(expected.code) &&
    count > 0 &&
    requests > 0 &&
    Math.abs(count - requests) === 1;
  const isExpected = settings !== undefined || counts.includes(requests) || counts.some(isOneApart);
  return {
    ...{ what: `${row} ${what}`, outcome: told?.outcome, code: told?.code ?? null },
    retryable: told?.retryable === true,
    requests: isExpected ? 'as expected' : `${String(told?.requests)} instead of ${counts.join()}`,
  };
}
