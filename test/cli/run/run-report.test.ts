/** What `run` prints at its end about images that failed, and about placeholders. */
import { summaryText } from '../../../src/cli/run/run-report';
import { shellWord } from '../../../src/contract/commands/shell-word';
import { placeholdersQuery } from '../../../src/contract/placeholders';
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

const AGAIN = 'artemis-pipeline run a.csv --select failed';

describe('the end of a run', () => {
  it('names hosts that refused everything, and what they answered', () => {
    expect(summaryText(summary, '/data', AGAIN)).toContain(
      'a.example refused everything (http_403: status 403: Just a moment...): the next run asks it again',
    );
  });

  it('says how many ids of the list are not in the collection', () => {
    const unknownIds = { count: 2, listed: 40, first: 'works/12 "b"' };
    expect(summaryText({ ...summary, unknownIds }, '/data', AGAIN)).toContain(
      '2 of 40 ids of the list are not in the collection, the first is "works/12 \\"b\\"".',
    );
  });

  it('reports what failed for good with the option that asks again, also when nothing was planned', () => {
    const text = summaryText(summary, '/data', AGAIN);
    expect(text).toContain('2 failed for good');
    expect(text).toContain(`One with --select failed does:\n  ${AGAIN}\n`);
    expect(summaryText(summary, '/data', null)).toContain('One with --select failed does.\n');
    const { permanent: _none, ...counts } = summary.counts;
    expect(summaryText({ ...summary, counts }, '/data', AGAIN)).not.toContain('for good');
  });

  it('says how many files the step features computed, and nothing in a run without the step', () => {
    const features = { planned: 12, computed: 9, failed: 2 };
    expect(summaryText({ ...summary, features }, '/data', null)).toContain(
      '\nfeatures: 9 computed, 2 failed of 12 files planned',
    );
    expect(summaryText(summary, '/data', null)).not.toContain('features:');
  });

  it('names the command for features, groups and models once, after images were stored without them', () => {
    const stored = { ...summary, run: { ...NO_OUTCOMES, stored: 3 } };
    const command =
      'artemis-pipeline run --steps features,clusters,aggregates,publish --data /data';
    expect(summaryText(stored, '/data', null).split(command)).toHaveLength(2);
    expect(summaryText({ ...stored, collection: 'maps' }, '/data', null)).toContain(
      'run --collection maps --steps features,clusters,aggregates,publish --data /data',
    );
    const features = { planned: 3, computed: 3, failed: 0 };
    const others: readonly Summary[] = [
      summary,
      { ...stored, counts: { ...summary.counts, withoutFeatures: 0 } },
      { ...stored, features },
      { ...stored, state: 'cancelled' },
    ];
    for (const other of others)
      expect(summaryText(other, '/data', null)).not.toContain('--steps features');
  });

  it('counts the files without features, also after a run that stored none of them', () => {
    const counts = { ...summary.counts, withoutFeatures: 2 };
    expect(summaryText({ ...summary, counts }, '/data', null)).toContain(
      '\n2 stored images without features. To compute',
    );
  });

  it('quotes the commonest detail of each code, and the number of images that have it unless all do', () => {
    const codes = { http_403: 6, empty: 2, timeout: 1 };
    const details = {
      http_403: { detail: 'status 403: Just a moment...\u001b[31m', images: 5 },
      empty: { detail: 'no byte came', images: 2 },
    };
    const lines = summaryText({ ...summary, codes, details }, '/data', AGAIN)
      .split('\n')
      .slice(1, 4);
    expect(lines[0]).toContain('  http_403: 6 (5 of them: status 403: Just a moment...');
    expect(lines[0]).not.toContain('\u001b');
    expect(lines.slice(1)).toEqual(['  empty: 2 (no byte came)', '  timeout: 1']);
  });

  it('names files that many URLs of a host gave, with the command that lists their images', () => {
    const placeholders = [
      { host: 'a.example', sha256: 'ab', images: 40, urls: 39, of: 90 },
      { host: 'b.example', sha256: 'ab', images: 12, urls: 12, of: 12 },
    ];
    const text = summaryText({ ...summary, placeholders }, '/my data', AGAIN);
    expect(text).toContain(
      'a.example: 40 of 90 stored images, from 39 URLs, are the same file. Is it a placeholder?\n',
    );
    expect(text).toContain(
      `All of them: artemis-pipeline query ${shellWord(placeholdersQuery(placeholders))} --data '/my data'`,
    );
  });
});
