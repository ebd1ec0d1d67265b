/** A run's page and that of its downloads: every state says what goes on and what to type, whatever other people wrote. */
import type { DownloadProgress, HostWait } from '../../src/contract/download';
import type { ImageCode } from '../../src/contract/outcome';
import type { Obstacle } from '../../src/contract/obstacle';
import type { RunState, StepRecord } from '../../src/contract/run-record';
import { downloadPage } from '../../src/workflows/download-page';
import { isNetworkGone, waitsWords } from '../../src/workflows/host-words';
import { longestWaits } from '../../src/workflows/longest-waits';
import { runPage, type RunFacts } from '../../src/workflows/run-page';

const now = '2026-01-01T00:10:00.000Z';
const startedAt = '2026-01-01T00:00:00.000Z';
const steps: readonly StepRecord[] = [
  {
    ...{ name: 'ingest', state: 'completed', code: null, detail: null, startedAt },
    endedAt: '2026-01-01T00:00:12.000Z',
  },
  { name: 'download', state: 'running', code: null, detail: null, startedAt, endedAt: null },
  {
    ...{ name: 'publish', state: 'pending', code: null, detail: null },
    ...{ startedAt: null, endedAt: null },
  },
];
const download: DownloadProgress = {
  ...{ state: 'running', words: 'downloading', obstacle: null },
  counts: { planned: 100, stored: 40, notModified: 2, failed: 5, bytes: 1_500_000, requests: 60 },
  codes: { http_404: 2, truncated: 3 },
  waits: {
    longest: [
      {
        ...{ host: 'slow.example', until: '2026-01-01T01:00:00.000Z' },
        ...{ why: 'asked', code: 'http_429' },
      },
    ],
    more: 7,
  },
  ...{ isNetworkGone: false, slowed: [{ host: 'weak.example', rate: 2.5 }] },
  sequence: 1,
  lastCommit: { at: '2026-01-01T00:09:55.000Z', outcomes: 12 },
};
const obstacle: Obstacle = {
  ...{ kind: 'unserved', queue: 'download', code: null, lockedSince: null, parksAt: null },
  words: 'No worker serves the queue artemis-download. Start one:',
  command: 'artemis-pipeline worker --queues download --data /data',
};
const running: RunFacts = {
  ...{ workflowId: 'tate', namespace: 'default', now, state: 'running', steps },
  ...{ step: steps[1] ?? null, failure: null, obstacle: null, download, parkedUntil: null },
};

/** Words that the page of a run in that state has. */
const STATES: readonly (readonly [RunState, Partial<RunFacts>, readonly string[]])[] = [
  [
    'running',
    {},
    [
      'the step download is at work: downloading',
      'temporal workflow update execute --workflow-id tate --name pauseRun\n```',
      `--name setHostBudget --input '{"host":"slow.example","connections":4,"requestsPerSecond":10}'`,
      'temporal workflow cancel --workflow-id tate',
    ],
  ],
  [
    'waiting',
    {
      obstacle: {
        ...{ ...obstacle, kind: 'lease', queue: 'plan', words: 'Another run downloads: "one".' },
        command: 'temporal workflow metadata --workflow-id one',
      },
    },
    ['Another run downloads: "one"', 'temporal workflow metadata --workflow-id one'],
  ],
  ['paused', {}, ['until somebody resumes', '--name resumeRun', 'workflow cancel']],
  [
    'parked',
    {
      failure: { code: 'disk_full', detail: 'no space on /data' },
      parkedUntil: '2026-01-02T00:00:00.000Z',
    },
    [
      '**disk_full**: no space on /data',
      'gives up at 2026-01-02 00:00:00 UTC',
      `--name retryStep --input '{"step":"download"}'`,
      `--name skipStep --input '{"step":"download","reason":"why"}'`,
      `--name abortRun --input '{"reason":"why"}'`,
    ],
  ],
  ['cancelling', {}, ['committed first']],
  ['completed', {}, ['40 images stored, 2 not modified, 5 failed, 53 not fetched; the next run']],
  ['failed', { failure: { code: 'db_corrupt', detail: 'x' } }, ['**db_corrupt**', 'Start the run']],
  ['cancelled', {}, ['only what is left is fetched']],
  ['aborted', { failure: { code: 'aborted', detail: 'wrong file' } }, ['wrong file']],
];

describe('the page of a run', () => {
  it.each(STATES)('that is %s says what goes on, and what to type', (state, facts, expected) => {
    const text = runPage({ ...running, ...facts, state });
    expect(text).toMatch(new RegExp(`^\\*\\*${state}\\*\\* · .*As of 2026-01-01 00:10:00 UTC`));
    for (const words of expected) expect(unfolded(text)).toContain(words);
  });

  it('has the steps, how long each took, the counts by code, the waits and the last commit', () => {
    const text = runPage(running).replaceAll('\u00a0', '');
    expect(text).toContain('| ingest | completed | 2026-01-01 00:00:00 UTC | 12 s |  |');
    expect(text).toContain('| download | running | 2026-01-01 00:00:00 UTC | 10 min |  |');
    expect(text).toContain('| publish | pending |  |  |  |');
    expect(text).toContain('| stored | 40 (1.5 MB) |');
    expect(text).toMatch(/truncated \| 3 \|\n.*http_404 \| 2 \|/);
    expect(text).toContain('| still to do | 53 |');
    expect(text).toContain(
      '| slow.example | 2026-01-01 01:00:00 UTC | asked us to wait (http_429) |\n| and 7 more |  |  |',
    );
    expect(text).toContain('| weak.example | 2.5 |');
    expect(text).toContain('Last commit: 2026-01-01 00:09:55 UTC, 12 outcomes.');
  });

  it('tells what is in the way before anything else, with the command', () => {
    const text = runPage({ ...running, obstacle });
    expect(text.indexOf('In the way')).toBeLessThan(text.indexOf('ingest'));
    expect(text).toContain('```\nartemis-pipeline worker --queues download --data /data\n```');
  });

  it('names the namespace in commands when it is not the default', () => {
    const text = runPage({ ...running, namespace: 'my images' });
    expect(unfolded(text)).toContain("workflow cancel --workflow-id tate --namespace 'my images'");
  });

  it('of a run that is completed claims no more than the run did', () => {
    const skipped = (names: readonly string[]): readonly StepRecord[] =>
      steps.map((step) => (names.includes(step.name) ? { ...step, state: 'skipped' } : step));
    const headline = (facts: Partial<RunFacts>): string =>
      runPage({ ...running, state: 'completed', ...facts }).split('\n')[0] ?? '';
    const counts = { planned: 1, stored: 1, notModified: 0, failed: 0, bytes: 9, requests: 1 };
    expect(headline({ download: { ...download, counts } })).toContain(
      ' 1 image stored, 0 failed. (',
    );
    const unselected = { download: null, steps: [] };
    expect(headline(unselected)).toContain('the steps that were selected are done. (');
    const one = { download: null, steps: skipped(['download']) };
    expect(headline(one)).toContain('are done. 1 step was skipped. (');
    const two = { download: null, steps: skipped(['download', 'publish']) };
    expect(headline(two)).toContain('are done. 2 steps were skipped. (');
  });

  it('of a run that was not opened yet is short', () => {
    const opening = { ...running, steps: [], step: null, download: null };
    expect(runPage(opening)).toContain('the input is checked');
  });
});

/** Commands as a shell reads them. */
function unfolded(text: string): string {
  return text.replaceAll(' \\\n  ', ' ');
}

const EVIL =
  '\n\n```\n| a |</td><img src=x onerror=alert(1)> [x](http://evil.example) `id` "\'$(id)';

describe('hostile values', () => {
  const facts: RunFacts = {
    ...running,
    workflowId: EVIL,
    state: 'parked',
    failure: { code: EVIL, detail: EVIL.repeat(100) },
    obstacle: { ...obstacle, words: EVIL.repeat(50) },
    download: {
      ...{ ...download, words: EVIL },
      waits: {
        longest: [{ host: EVIL, until: EVIL, why: 'outage', code: 'http_500' }],
        more: 0,
      },
      slowed: [{ host: EVIL, rate: 1 }],
    },
  };
  const text = runPage(facts);

  it('bring no HTML, link, or table of their own outside of commands', () => {
    // Each command is one line between two fences, once it is unfolded.
    const prose = unfolded(text).replaceAll(/^```\n.*\n```$/gm, '');
    expect(prose).not.toContain('```');
    expect(prose).not.toMatch(/(?<!\\)<|(?<!\\)\[|https?:|(?<!\\)`(?!artemis|temporal)[^`]*id/);
  });

  it('are one word of a command of one line', () => {
    const commands = unfolded(text)
      .split('\n')
      .filter((line) => line.startsWith('temporal '));
    expect(commands).toHaveLength(3);
    for (const line of commands) expect(line).toContain("--workflow-id $'\\012\\012```\\012|");
  });

  it.each([1, 10, 1_000])('%i times over leave the page below 10 kB', (times) => {
    const long = { ...facts, workflowId: EVIL.repeat(times).slice(0, 1_000) };
    expect(Buffer.byteLength(runPage(long))).toBeLessThan(10_000);
    const { download: progress } = long;
    if (progress === null) throw new Error('no progress');
    const obstacles = [obstacle, { ...obstacle, words: EVIL.repeat(times) }];
    const child = downloadPage({
      workflowId: long.workflowId,
      now,
      progress,
      obstacles,
      batches: 3,
    });
    expect(Buffer.byteLength(child)).toBeLessThan(10_000);
  });
});

describe('the page of the downloads', () => {
  it('tells the same of them, and where to operate the run', () => {
    const text = downloadPage({
      ...{ workflowId: 'tate', now, progress: download, obstacles: [obstacle], batches: 3 },
    });
    for (const words of ['**running**', 'queues download', 'slow.example', 'Last commit: 2026'])
      expect(text).toContain(words);
    expect(text).toContain('Batches in flight: 3.');
    expect(text).toContain('temporal workflow metadata --workflow-id tate');
  });
});

describe('hosts that wait', () => {
  it('are the ten that wait longest, and a number', () => {
    const waiting = Array.from({ length: 25 }, (_none, n) => ({
      ...({ host: `host-${n}`, why: 'asked', code: 'http_429' } as const),
      until: new Date(Date.parse(now) + n * 1_000).toISOString(),
    }));
    const { longest, more } = longestWaits(waiting);
    expect(longest.map(({ host }) => host)).toEqual(
      Array.from({ length: 10 }, (_none, n) => `host-${24 - n}`),
    );
    expect(more).toBe(15);
    expect(longestWaits([])).toEqual({ longest: [], more: 0 });
  });

  const out = (host: string, code: ImageCode): HostWait => ({
    ...{ host, code, why: 'outage', until: '2026-01-01T01:00:00.000Z' },
  });
  const words = (waits: readonly HostWait[], isAtWork = false): string | null =>
    waitsWords({ waits: longestWaits(waits), isNetworkGone: isNetworkGone(waits, isAtWork) });

  it('are told with the reason', () => {
    expect(words([])).toBeNull();
    expect(words([out('a.example', 'connect')])).toBe(
      'a.example answers nothing (connect): asked again at 2026-01-01 01:00:00 UTC.',
    );
    expect(words([out('a', 'http_502'), out('b', 'connect'), out('c', 'dns')])).toContain(
      'a answers only http_502: asked again at 2026-01-01 01:00:00 UTC; 2 more hosts wait.',
    );
  });

  it('are the network when several cannot be reached, and nobody is at work', () => {
    const silent = [out('a', 'connect'), out('b', 'dns'), out('c', 'timeout')];
    expect(words(silent)).toMatch(/^The network seems to be gone: none of 3 hosts/);
    expect(words(silent, true)).toMatch(/^a answers nothing/);
    expect(words([{ ...out('*', 'dns'), why: 'network' }])).toMatch(/^The network seems/);
    const gone = { ...download, waits: longestWaits(silent), isNetworkGone: true };
    expect(runPage({ ...running, download: gone })).toContain('**The network seems to be gone:**');
  });
});
