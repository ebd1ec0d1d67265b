/**
 * The details of a run and of its downloads: every state says what happens and what to type, and
 * hostile values stay text.
 */
import type { DownloadProgress } from '../../src/contract/download-workflow';
import type { Obstacle } from '../../src/contract/obstacle';
import type { RunState, StepRecord } from '../../src/contract/run-record';
import { downloadDetails } from '../../src/workflows/reporting/download-details';
import { withObstacle } from '../../src/workflows/obstacles/obstacle-text';
import { runDetails, type RunFacts } from '../../src/workflows/reporting/run-details';
import { now, steps, download, obstacle, running } from './page-facts';

const { server } = running;
const waitingStep = { name: 'download', state: 'running', code: null, detail: null } as const;

/** Texts that the details have in each state. */
const STATES: readonly (readonly [RunState, Partial<RunFacts>, readonly string[]])[] = [
  [
    'running',
    {},
    [
      'the step download is running: downloading',
      'temporal workflow update execute --workflow-id tate --name pauseRun\n```',
      `--name setHostBudget --input '{"host":"slow.example","connections":4,"requestsPerSecond":10}'`,
      'temporal workflow cancel --workflow-id tate',
    ],
  ],
  [
    'waiting',
    {
      obstacle: {
        ...obstacle,
        kind: 'lease',
        queue: 'plan',
        words: 'Another run downloads: "one".',
        command: 'temporal workflow metadata --workflow-id one',
      },
    },
    ['Another run downloads: "one"', 'temporal workflow metadata --workflow-id one'],
  ],
  ['paused', {}, ['until an operator resumes', '--name resumeRun', 'workflow cancel']],
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
  [
    'aborted',
    { failure: { code: 'aborted', detail: 'wrong file' } },
    ['an operator ended the run: wrong file. ('],
  ],
];

describe('the details of a run', () => {
  it.each(STATES)('say what happens and what to type while it is %s', (state, facts, expected) => {
    const text = runDetails({ ...running, ...facts, state });
    expect(text).toMatch(new RegExp(`^\\*\\*${state}\\*\\* · .*As of 2026-01-01 00:10:00 UTC`));
    for (const words of expected) expect(withJoinedLines(text)).toContain(words);
  });

  it('offer no host budget in a run that downloads nothing any more', () => {
    const over = steps.map((step) =>
      step.name === 'download' ? { ...step, endedAt: running.now } : step,
    );
    for (const state of ['running', 'paused'] as const) {
      expect(runDetails({ ...running, state, steps: over })).not.toContain('setHostBudget');
      expect(runDetails({ ...running, state, steps: [] })).not.toContain('setHostBudget');
      expect(runDetails({ ...running, state })).toContain('setHostBudget');
    }
  });

  it('show each step with its duration, the counts by code, the waits and the last commit', () => {
    const text = runDetails(running).replaceAll('\u00a0', '');
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

  it('name files that many URLs of a host gave, with the command that lists their images', () => {
    const found = { host: 'a.example', sha256: 'ab', images: 40, urls: 39, of: 90 };
    const text = runDetails({ ...running, placeholders: [found] });
    expect(text).toContain('a.example: 40 of 90 stored images, from 39 URLs, are the same file.');
    expect(withJoinedLines(text)).toMatch(/```\nartemis-pipeline query '.*' --data \/data\n```/);
    expect(runDetails(running)).not.toContain('the same file');
  });

  it('show an obstacle and its command before anything else', () => {
    const text = runDetails({ ...running, obstacle });
    expect(text.indexOf('In the way')).toBeLessThan(text.indexOf('ingest'));
    expect(text).toContain('```\nartemis-pipeline worker --queues download --data /data\n```');
  });

  it('show no obstacle of a run that ended while it waited for another run', () => {
    const lease: Obstacle = { ...obstacle, kind: 'lease', queue: 'plan', words: 'Another one.' };
    const page = (state: RunState): string => runDetails({ ...running, state, obstacle: lease });
    expect(page('cancelling')).toContain('Another one.');
    expect(page('cancelled')).not.toContain('Another one.');
    const step = { ...waitingStep, state: 'failed' as const, detail: 'the run was cancelled' };
    expect(withObstacle(step, lease, 'cancelled')).toEqual(step);
    const late = withObstacle(step, obstacle, 'cancelled');
    expect(late?.detail).toMatch(/^the run was cancelled\. No worker.*Not everything could be/);
  });

  it('name address and namespace in commands when they are not the defaults', () => {
    const text = runDetails({
      ...running,
      server: { address: '127.0.0.1:7234', namespace: 'my images' },
    });
    expect(withJoinedLines(text)).toContain(
      "workflow cancel --workflow-id tate --address 127.0.0.1:7234 --namespace 'my images'",
    );
  });

  it('claim no more of a completed run than it did', () => {
    const skipped = (names: readonly string[]): readonly StepRecord[] =>
      steps.map((step) => (names.includes(step.name) ? { ...step, state: 'skipped' } : step));
    const headline = (facts: Partial<RunFacts>): string =>
      runDetails({ ...running, state: 'completed', ...facts }).split('\n')[0] ?? '';
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

  it('say that the input is checked while the run is not open yet', () => {
    const opening = { ...running, steps: [], step: null, download: null };
    expect(runDetails(opening)).toContain('the input is checked');
  });
});

describe('the details of the downloads', () => {
  it('of a paused run say that no image starts, and not that it downloads', () => {
    const progress: DownloadProgress = { ...download, state: 'paused' };
    const text = downloadDetails({
      workflowId: 'tate',
      server,
      now,
      progress,
      obstacles: [],
      batches: 0,
    });
    expect(text).toContain('**paused** · no new image starts until an operator resumes the run.');
  });
});

/** Joins the lines of commands as a shell does. */
function withJoinedLines(text: string): string {
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
      ...download,
      words: EVIL,
      waits: {
        longest: [{ host: EVIL, until: EVIL, why: 'outage', code: 'http_500' }],
        more: 0,
      },
      slowed: [{ host: EVIL, rate: 1 }],
    },
  };
  const text = runDetails(facts);

  it('add no HTML, link or table to the details outside of commands', () => {
    // Each command is one line between two fences once its lines are joined.
    const prose = withJoinedLines(text).replaceAll(/^```\n.*\n```$/gm, '');
    expect(prose).not.toContain('```');
    expect(prose).not.toMatch(/(?<!\\)<|(?<!\\)\[|https?:|(?<!\\)`(?!artemis|temporal)[^`]*id/);
  });

  it('are one word in a command of one line', () => {
    const commands = withJoinedLines(text)
      .split('\n')
      .filter((line) => line.startsWith('temporal '));
    expect(commands).toHaveLength(3);
    for (const line of commands) expect(line).toContain("--workflow-id $'\\012\\012```\\012|");
  });

  it.each([1, 10, 1_000])('repeated %i times keep the details below 10 kB', (times) => {
    const long = { ...facts, workflowId: EVIL.repeat(times).slice(0, 1_000) };
    expect(Buffer.byteLength(runDetails(long))).toBeLessThan(10_000);
    const { download: progress } = long;
    if (progress === null) throw new Error('no progress');
    const obstacles = [obstacle, { ...obstacle, words: EVIL.repeat(times) }];
    const child = downloadDetails({
      workflowId: long.workflowId,
      server,
      now,
      progress,
      obstacles,
      batches: 3,
    });
    expect(Buffer.byteLength(child)).toBeLessThan(10_000);
  });
});

describe('the details of the downloads', () => {
  it('show the same sections as those of the run, and where to operate the run', () => {
    const text = downloadDetails({
      workflowId: 'tate',
      server,
      now,
      progress: download,
      obstacles: [obstacle],
      batches: 3,
    });
    for (const words of ['**running**', 'queues download', 'slow.example', 'Last commit: 2026'])
      expect(text).toContain(words);
    expect(text).toContain('Batches in flight: 3.');
    expect(text).toContain('temporal workflow metadata --workflow-id tate');
  });
});

describe('the details of a run with derived tables', () => {
  it('count the groups of images, and say which tables were left out', () => {
    const text = runDetails({
      ...running,
      clusters: {
        ...{ exactGroups: 5, exactCopies: 12, nearGroups: 9, nearDuplicates: 31 },
        ...{ visualGroups: 64, compared: 400, tooPlain: 3, notCompared: 0 },
      },
      derivedProblems: [{ kind: 'models', detail: 'derived/models.duckdb is `odd`' }],
    });
    expect(text).toMatch(/near duplicates\s*\|\s*9\s*\|\s*31 files/);
    expect(text).toContain('**Tables that were left out of the snapshot:**');
    expect(text).not.toContain('without features');
  });
});
