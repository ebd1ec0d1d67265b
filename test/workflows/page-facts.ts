/** What is known about a run that downloads, for the tests of its details. */
import type { DownloadProgress } from '../../src/contract/download-workflow';
import type { Obstacle } from '../../src/contract/obstacle';
import type { StepRecord } from '../../src/contract/run-record';
import type { RunFacts } from '../../src/workflows/reporting/run-details';

export const now = '2026-01-01T00:10:00.000Z';
export const startedAt = '2026-01-01T00:00:00.000Z';
export const steps: readonly StepRecord[] = [
  {
    name: 'ingest',
    state: 'completed',
    code: null,
    detail: null,
    startedAt,
    endedAt: '2026-01-01T00:00:12.000Z',
  },
  { name: 'download', state: 'running', code: null, detail: null, startedAt, endedAt: null },
  {
    name: 'publish',
    state: 'pending',
    code: null,
    detail: null,
    startedAt: null,
    endedAt: null,
  },
];
export const download: DownloadProgress = {
  state: 'running',
  words: 'downloading',
  obstacle: null,
  counts: { planned: 100, stored: 40, notModified: 2, failed: 5, bytes: 1_500_000, requests: 60 },
  codes: { http_404: 2, truncated: 3 },
  waits: {
    longest: [
      {
        host: 'slow.example',
        until: '2026-01-01T01:00:00.000Z',
        why: 'asked',
        code: 'http_429',
      },
    ],
    more: 7,
  },
  isNetworkGone: false,
  slowed: [{ host: 'weak.example', rate: 2.5 }],
  sequence: 1,
  lastCommit: { at: '2026-01-01T00:09:55.000Z', outcomes: 12 },
};
export const obstacle: Obstacle = {
  kind: 'unserved',
  queue: 'download',
  code: null,
  lockedSince: null,
  parksAt: null,
  words: 'No worker serves the queue artemis-download. Start one:',
  command: 'artemis-pipeline worker --queues download --data /data',
};
export const running: RunFacts = {
  workflowId: 'tate',
  runId: '0198-1',
  server: { address: '127.0.0.1:7233', namespace: 'default' },
  dataRoot: '/data',
  now,
  state: 'running',
  steps,
  step: steps[1] ?? null,
  failure: null,
  obstacle: null,
  catalog: null,
  download,
  placeholders: [],
  features: null,
  embeddings: null,
  clusters: null,
  models: null,
  report: {},
  derivedProblems: [],
  parkedUntil: null,
};
