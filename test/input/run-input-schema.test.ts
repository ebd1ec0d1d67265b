import { inputAsGiven } from '../../src/contract/input-as-given';
import { parseRunInput } from '../../src/input/run-input-schema';
import { StepError } from '../../src/contract/errors';

function refusal(input: unknown): string {
  try {
    parseRunInput(input);
  } catch (error) {
    if (error instanceof StepError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

function budgets(count: number): object {
  const budget = { connections: 8, requestsPerSecond: 20 };
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`h${n}.example.org`, budget]));
}

describe('the input of a run', () => {
  it('may name many hosts', () => {
    const { hosts } = parseRunInput({ catalog: 'a.csv', hosts: budgets(900) });
    expect(Object.keys(hosts)).toHaveLength(901);
  });

  it('is refused with a short message, however much of it is wrong', () => {
    const wrong = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`h${n}`, {}]));
    const text = refusal({ catalog: 'a.csv', hosts: wrong, ['x'.repeat(10_000)]: 1 });
    expect(text.length).toBeLessThan(2_000);
    expect(text).toContain('Accepted fields');
  });

  it('fills in every default when only the catalog is named', () => {
    expect(parseRunInput({ catalog: 'catalogs/works.csv.gz' })).toEqual({
      catalog: 'catalogs/works.csv.gz',
      columns: { id: 'id', url: 'url' },
      format: 'csv',
      encoding: 'utf-8',
      delimiter: null,
      steps: ['ingest', 'download', 'publish'],
      select: 'pending',
      limit: null,
      only: null,
      verify: 'decode',
      hosts: { default: { connections: 8, requestsPerSecond: 20 } },
      limits: {},
      maxRemoved: 0.2,
      onStepFailure: 'park',
      parkTimeout: null,
      publishEvery: 60,
    });
  });

  it("has its steps in the DAG's order, whatever order the user gave", () => {
    expect(parseRunInput({ catalog: 'a.csv', steps: ['publish', 'ingest'] }).steps).toEqual([
      'ingest',
      'publish',
    ]);
  });

  it('takes kinds to keep in their own order, and refuses names that are none', () => {
    expect(parseRunInput({ catalog: 'a.csv', keep: ['heic', 'svg', 'svg'] }).keep).toEqual([
      'svg',
      'heic',
    ]);
    expect(refusal({ catalog: 'a.csv', keep: ['svg', 'gif'] })).toMatch(/keep\.1: .*"pdf".*"gif"/);
    expect(refusal({ catalog: 'a.csv', keep: [] })).toContain('keep: ');
  });

  it.each([
    ['no input at all', null, /the input/],
    ['a missing catalog', {}, /catalog/],
    ['an unknown step', { catalog: 'a.csv', steps: ['ingest', 'paint'] }, /steps\.1.*paint/s],
    ['an unknown field', { catalog: 'a.csv', colums: {} }, /colums/],
    ['a limit of zero', { catalog: 'a.csv', limit: 0 }, /limit.*seen: 0/s],
    [
      'a budget without a rate',
      { catalog: 'a.csv', hosts: { 'x.org': { connections: 1 } } },
      /hosts\.x\.org\.requestsPerSecond/,
    ],
    [
      'twenty thousand hosts',
      { catalog: 'a.csv', hosts: budgets(20_000) },
      /has \d{7} characters of JSON; at most 65536.*`default`/s,
    ],
    ['an unknown encoding', { catalog: 'a.csv', encoding: 'klingon' }, /encoding.*klingon/s],
    ['a name that does not tell the format', { catalog: 'a.dat' }, /format.*csv, tsv/s],
  ])('is refused for %s, and the message names the field', (_what, input, message) => {
    const text = refusal(input);
    expect(text).toMatch(/^input: /);
    expect(text).toMatch(message);
  });

  it('has the fields of a shape only where they are given', () => {
    const shape = { many: true, header: false, urlSeparator: '', columns: { url: ['a', 'b'] } };
    expect(parseRunInput({ catalog: 'a.csv', ...shape })).toMatchObject({
      ...shape,
      columns: { id: 'id', url: ['a', 'b'] },
    });
    expect(parseRunInput({ catalog: 'a.urls', format: 'urls' }).idFrom).toBe('url');
    expect(parseRunInput({ catalog: 'a.txt' })).not.toHaveProperty('idFrom');
  });

  it.each([
    [
      'ids of the URLs and an id column',
      { idFrom: 'url', columns: { id: 'key' } },
      /^idFrom: .*--id-column/,
    ],
    ['ids of the URLs and several images', { idFrom: 'url', many: true }, /^many: .*--many/],
    ['a list of URLs and an id column', { format: 'urls', columns: { id: 'key' } }, /^format: /],
    ['a list of URLs and several images', { format: 'urls', many: true }, /^many: /],
    ['Parquet without a header', { format: 'parquet', header: false }, /^header: .*--no-header/],
    [
      'a template and a URL column',
      { urlTemplate: 'https://h/{a}', columns: { url: 'u' } },
      /^urlTemplate: /,
    ],
    [
      'a template and a base',
      { urlTemplate: 'https://h/{a}', baseUrl: 'https://h/' },
      /^urlTemplate: /,
    ],
    [
      'a template without a column',
      { urlTemplate: 'https://h/a' },
      /^urlTemplate: .*no column in braces/,
    ],
    ['a template without a scheme', { urlTemplate: 'h/{a}' }, /^urlTemplate: .*does not begin/],
    ['records of CSV', { records: 'images' }, /^records: .*--records/],
    ['records under no key', { format: 'json', records: 'a..b' }, /^records: .*empty key/],
    ['a base that is not filled in', { baseUrl: 'https://HOST/PATH/' }, /^baseUrl: .*HOST in the/],
    ['a base that is no URL', { baseUrl: '/images' }, /^baseUrl: .*https:\/\/example/],
  ])('is refused for %s, and the message says what to do', (_what, fields, message) => {
    const text = refusal({ catalog: 'a.csv', ...fields });
    const start = 'input: The input cannot be used. ';
    expect(text.startsWith(start)).toBe(true);
    expect(text.slice(start.length)).toMatch(message);
  });
});

describe('an input that was recorded', () => {
  it.each([
    { catalog: 'a.csv' },
    { catalog: 'a.csv', columns: { id: ['box', 'sheet'], url: 'image' }, many: true },
    { catalog: 'a.csv', idFrom: 'url', columns: { url: 'image' } },
    { catalog: 'a.csv', idFrom: 'record', columns: { url: ['one', 'two'] } },
    { catalog: 'a.csv', idFrom: 'column', delimiter: ';', limit: 3 },
    { catalog: 'a.csv', urlTemplate: 'https://example.org/{id}.jpg', columns: { id: 'no' } },
    { catalog: 'a.csv', urlTemplate: 'https://example.org/{n}.jpg', idFrom: 'record' },
    { catalog: 'a.txt', format: 'urls', idFrom: 'record' },
    { catalog: 'a.txt', format: 'urls', keep: ['svg'], parkTimeout: 5 },
    { catalog: 'a.json', format: 'iiif', imageSize: '843,', collection: 'c', replace: true },
  ])('can be used again: %j', (input) => {
    const recorded = parseRunInput(input);
    expect(parseRunInput(JSON.parse(JSON.stringify(inputAsGiven(recorded))))).toEqual(recorded);
  });
});
