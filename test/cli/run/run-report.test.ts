/** What `run` prints at its end about images that failed. */
import { summaryText } from '../../../src/cli/run/run-report';
import { NO_OUTCOMES, type Summary } from '../../../src/contract/run-record';

const summary: Summary = {
  v: 1,
  runId: 'r1',
  workflowId: 'tate',
  state: 'completed',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:10.000Z',
  seconds: 10,
  counts: {
    rows: 9,
    images: 9,
    stored: 0,
    failed: 9,
    pending: 0,
    noUrl: 0,
    permanent: 2,
    removed: 0,
    rejected: 0,
    duplicates: 0,
  },
  catalog: null,
  run: NO_OUTCOMES,
  codes: {},
  refused: [{ host: 'a.example', code: 'http_403', detail: 'status 403: Just a moment...' }],
};

describe('the end of a run', () => {
  it('names hosts that refused everything, and what they answered', () => {
    expect(summaryText(summary, '/data')).toContain(
      'a.example refused everything (http_403: status 403: Just a moment...): the next run asks it again',
    );
  });

  it('reports what failed for good with the option that asks again, also when nothing was planned', () => {
    const text = summaryText(summary, '/data');
    expect(text).toContain('2 failed for good');
    expect(text).toContain('--select failed');
    const { permanent: _none, ...counts } = summary.counts;
    expect(summaryText({ ...summary, counts }, '/data')).not.toContain('for good');
  });
});
