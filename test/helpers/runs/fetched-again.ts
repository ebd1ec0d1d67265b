/**
 * Compares the origin's log with the ledgers, to see how many requests kills have cost (K7 of the
 * faults), and that nothing in a ledger is requested again.
 */
import path from 'node:path';
import { misbehaviourOf } from '../../../src/demo/misbehaviour';
import { listLedgers, readLedger } from '../../../src/files/ledger/ledger-reader';
import type { Pipeline } from './pipeline';

/**
 * A moment at which work was cut off: how many requests the origin had received, and what the
 * ledgers had stored.
 */
export interface Cut {
  readonly requests: number;
  readonly stored: ReadonlySet<string>;
}

/** Must be called when the process to be cut off has ended. */
export async function cutNow({ origin, root }: Pipeline): Promise<Cut> {
  const stored = new Set<string>();
  for (const ledger of listLedgers({ root, runId: null })) {
    for await (const { line } of readLedger(path.join(root, ledger.path)))
      if (line?.outcome === 'stored') stored.add(line.id);
  }
  return { requests: origin.requests().length, stored };
}

/**
 * Checks that nothing that a ledger had stored is requested again, and that nothing is requested
 * more than once, except once more where the origin refuses first, and once for each cut.
 */
export function expectNothingInVain({ origin }: Pipeline, cuts: readonly Cut[]): void {
  const requests = origin.requests();
  for (const { requests: before, stored } of cuts)
    expect(requests.slice(before).filter((id) => stored.has(id))).toEqual([]);
  const asked = new Map<string, number>();
  for (const id of requests) asked.set(id, (asked.get(id) ?? 0) + 1);
  const allowed = (id: string): number =>
    (misbehaviourOf(id).endsWith('_once') ? 2 : 1) + cuts.length;
  expect([...asked].filter(([id, times]) => times > allowed(id))).toEqual([]);
}
