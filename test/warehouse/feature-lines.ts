/** Lines of feature ledgers that tests write. */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FeatureLine, FeatureValues } from '../../src/contract/features/feature';
import { runPaths } from '../../src/files/data-root';

export function sha256(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

export const VALUES: FeatureValues = {
  phash: 'ffffffffffffff00',
  pdq: `${'0'.repeat(15)}1${'8'.padEnd(16, '0')}${'7'.padEnd(16, 'f')}${'f'.repeat(16)}`,
  pdqQuality: 100,
  brightness: 0.5,
  contrast: 0.25,
  entropy: 7.5,
  sharpness: 1234.5,
  colourfulness: 20,
  grey: 0.125,
  transparent: 0,
  border: 0,
  palette: [
    { l: 0.5, a: -0.25, b: 0.125, share: 0.75 },
    { l: 0.25, a: 0, b: 1e-7, share: 0.25 },
  ],
  colour: 'blue',
  placeholder: Buffer.from([1, 2, 3]).toString('base64'),
  look: Buffer.alloc(64, 255).toString('base64'),
  takenAt: '2021-05-01T12:30:59',
  metadata: { orientation: 6, make: 'Canon' },
};

/**
 * A line of a file that is known by a name, with default values for everything that is not given.
 */
export function computed(name: string, line: Partial<FeatureLine> = {}): FeatureLine {
  return {
    v: 1,
    sha256: sha256(name),
    version: 1,
    outcome: 'computed',
    code: null,
    detail: null,
    values: VALUES,
    lane: 'f000001',
    execution: 'e1',
    dispatch: 1,
    attempt: 1,
    at: '2026-01-01T10:00:00.000Z',
    ...line,
  };
}

export function failed(name: string, line: Partial<FeatureLine> = {}): FeatureLine {
  return computed(name, {
    outcome: 'failed',
    code: 'corrupt',
    detail: 'bad',
    values: null,
    ...line,
  });
}

/** Appends to `runs/<runId>/features/ledger/<lane>/<execution>.ndjson`. */
export function appendFeatures(root: string, runId: string, lines: readonly FeatureLine[]): void {
  for (const line of lines) {
    const folder = path.join(runPaths(root, runId).featureLedger, line.lane);
    mkdirSync(folder, { recursive: true });
    appendFileSync(path.join(folder, `${line.execution}.ndjson`), `${JSON.stringify(line)}\n`);
  }
}
