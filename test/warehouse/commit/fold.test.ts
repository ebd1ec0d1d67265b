/**
 * Compares the fold with a second implementation of its rules (docs/reference/files.md), over
 * random histories of outcomes. The histories of many images share a warehouse, because a commit
 * costs more than the lines that it applies.
 */
import fc from 'fast-check';
import type { LedgerLine, Outcome } from '../../../src/contract/outcome';
import { WarehouseFixture, ledgerLine, urlHash } from '../warehouse-fixture';

const WAREHOUSES = Number(process.env.FOLD_RUNS ?? 8);
const SEED = Number(process.env.FOLD_SEED ?? Math.floor(Math.random() * 2 ** 31));

const RUNS = [
  { runId: 'run-b', startedAt: '2026-01-01T00:00:00.000Z' },
  { runId: 'run-a', startedAt: '2026-01-02T00:00:00.000Z' },
  { runId: 'run-c', startedAt: '2026-01-02T00:00:00.000Z' },
] as const;
const IDS = Array.from({ length: 20 }, (_, n) => `i${n}`);

/** The most lines of one warehouse: seven for each image. */
const MAX_LINES = 7 * IDS.length;

/** How many lines there are for each commit and for each publication, on average. */
const LINES_PER_COMMIT = 20;
const LINES_PER_PUBLICATION = 40;
const URLS = { now: 'http://h/now', before: 'http://h/before' } as const;

/** The random part of a ledger line. */
interface DrawnOutcome {
  readonly run: number;
  readonly id: string;
  readonly url: keyof typeof URLS;
  readonly outcome: Outcome;
  readonly dispatch: number;
  readonly attempt: number;
  readonly execution: 'e1' | 'e2';
  /** What follows this line: 0 is a commit. */
  readonly commit: number;
  /** The same: 0 is a publication of the snapshot. */
  readonly publication: number;
}

const drawnOutcome: fc.Arbitrary<DrawnOutcome> = fc.record({
  run: fc.nat(2),
  id: fc.constantFrom(...IDS),
  url: fc.constantFrom('now', 'now', 'before'),
  outcome: fc.constantFrom('stored', 'not_modified', 'failed', 'lost'),
  dispatch: fc.integer({ min: 1, max: 3 }),
  attempt: fc.integer({ min: 1, max: 2 }),
  execution: fc.constantFrom('e1', 'e2'),
  commit: fc.nat(LINES_PER_COMMIT - 1),
  publication: fc.nat(LINES_PER_PUBLICATION - 1),
});

/** A line and its position in a ledger. `number` counts from 1. */
interface PlacedLine {
  readonly run: (typeof RUNS)[number];
  readonly number: number;
  readonly line: LedgerLine;
}

function placeInLedgers(history: readonly DrawnOutcome[]): readonly PlacedLine[] {
  const lengths = new Map<string, number>();
  return history.map((drawn, index) => {
    const run = RUNS[drawn.run] ?? RUNS[0];
    const ledger = `${run.runId} ${drawn.execution}`;
    const number = (lengths.get(ledger) ?? 0) + 1;
    lengths.set(ledger, number);
    const { id, outcome, dispatch, attempt, execution } = drawn;
    const hasFile = outcome === 'stored' || outcome === 'not_modified';
    const line = ledgerLine({
      id,
      outcome,
      dispatch,
      attempt,
      execution,
      urlHash: urlHash(URLS[drawn.url]),
      code: outcome === 'failed' ? `http_${400 + index}` : null,
      retryable: outcome === 'failed' && index % 2 === 0,
      path: hasFile ? `raw/images/thumbs/aa/bb/${index}.jpg` : null,
    });
    return { run, number, line };
  });
}

const RANK = { stored: 3, not_modified: 2, lost: 1, failed: 0 };

function compareOutcomes(a: PlacedLine, b: PlacedLine): number {
  return (
    compareText(a.run.startedAt, b.run.startedAt) ||
    compareText(a.run.runId, b.run.runId) ||
    RANK[a.line.outcome] - RANK[b.line.outcome] ||
    a.line.dispatch - b.line.dispatch ||
    a.line.attempt - b.line.attempt ||
    a.number - b.number ||
    compareText(a.line.execution, b.line.execution)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The last outcome that says whether there is a file. */
function lastAboutFile(lines: readonly PlacedLine[]): PlacedLine | undefined {
  return lines.findLast(({ line }) => line.outcome !== 'failed');
}

function expectedOf(id: string, all: readonly PlacedLine[]): object {
  const ownLines = all.filter(({ line }) => line.id === id).sort(compareOutcomes);
  const current = ownLines.filter(({ line }) => line.urlHash === urlHash(URLS.now));
  const last = current.at(-1)?.line;
  const now = lastAboutFile(current);
  const former = lastAboutFile(ownLines.filter(({ line }) => line.urlHash !== urlHash(URLS.now)));
  const isFailed = last?.outcome === 'failed';
  const downloaded = now !== undefined && now.line.outcome !== 'lost';
  return {
    source_image_id: id,
    thumb_downloaded: downloaded,
    last_outcome: last?.outcome ?? null,
    last_error_code: isFailed ? last.code : null,
    last_error_retryable: isFailed ? last.retryable : null,
    thumb_path: (now ?? former)?.line.path ?? null,
    attempt_count: ownLines.length,
    state: downloaded ? 'stored' : isFailed ? 'failed' : 'pending',
  };
}

describe('the fold', () => {
  it('follows its rules for any history and any order of commits', async () => {
    process.stderr.write(`${WAREHOUSES} warehouses of histories, FOLD_SEED=${SEED}\n`);
    const catalog = IDS.map((id) => ({ id, url: URLS.now }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawnOutcome, { maxLength: MAX_LINES, size: 'max' }),
        async (history) => {
          const fixture = new WarehouseFixture();
          try {
            for (const { runId, startedAt } of RUNS)
              await fixture.merge(runId, catalog, { startedAt });
            const placed = placeInLedgers(history);
            for (const [index, { run, line }] of placed.entries()) {
              fixture.append(run.runId, [line]);
              // Commits the ledgers of this run, or of all runs (recovery).
              if (history[index]?.commit === 0)
                await fixture.warehouse.commitLedgers({
                  warehouseId: 'w',
                  runId: index % 2 === 0 ? run.runId : null,
                });
              // Publishes sometimes, so that commits also look up images in a snapshot of another
              // moment.
              if (history[index]?.publication === 0) await fixture.query('SELECT 1');
            }
            await fixture.warehouse.commitLedgers({ warehouseId: 'w', runId: null });
            const rows = await fixture.query(
              `SELECT source_image_id, thumb_downloaded, last_outcome, last_error_code, last_error_retryable,
               thumb_path, attempt_count::INTEGER AS attempt_count, state FROM image ORDER BY 1`,
            );
            expect(rows).toEqual([...IDS].sort().map((id) => expectedOf(id, placed)));
          } finally {
            fixture.remove();
          }
        },
      ),
      {
        numRuns: WAREHOUSES,
        seed: SEED,
        // Looking for a smaller history that fails as well must end before the test does.
        interruptAfterTimeLimit: 240_000,
        markInterruptAsFailure: true,
      },
    );
  }, 300_000);
});
