/** Compares docs/reference/codes.md with the lists of codes in the code. */
import fs from 'node:fs';
import path from 'node:path';
import { REJECT_CODES } from '../../src/contract/catalog/reject-codes';
import { STEP_CODES, StepError, type StepCode } from '../../src/contract/errors';
import { FEATURE_CODES } from '../../src/contract/features/feature';
import { IMAGE_CODES, type ImageCode } from '../../src/contract/outcome';
import { isFenceCode } from '../../src/download/attempt-fence';
import { FetchFailure } from '../../src/http/failures/fetch-failure';
import { namesOf, readReferencePage } from './reference-page';

const page = readReferencePage('codes.md');
const imageRows = page.table('Image codes');
const stepRows = page.table('Step codes');

const SRC = path.join(__dirname, '../../src');

function filesOf(folder: string): readonly string[] {
  return fs
    .readdirSync(path.join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
}

/**
 * The literals in these files that are the type of an ApplicationFailure or are compared with one.
 */
function failureTypes(files: readonly string[]): readonly string[] {
  const text = files.map((file) => fs.readFileSync(path.join(SRC, file), 'utf8')).join('\n');
  const places = [
    /ApplicationFailure\.create\(\{\s*type: '(\w+)'/g,
    /\btrySoon\('(\w+)'/g,
    /nonRetryable\([^;]*?'(\w+)',?\s*\)/g,
    /return \{ code: [^,]*?'(\w+)', detail/g,
  ];
  return places.flatMap((place) => [...text.matchAll(place)].map(([, type = '']) => type));
}

describe('the reference of codes', () => {
  it('lists every code of an image, and no other', () => {
    expect([...namesOf(imageRows)].sort()).toEqual([...IMAGE_CODES, 'http_<status>'].sort());
  });

  it.each(imageRows.filter((row) => row.Retryable !== 'depends'))(
    'says whether a download that fails with $Code is retryable',
    (row) => {
      const [code] = namesOf([row]) as [ImageCode];
      expect(row.Retryable).toBe(new FetchFailure(code, '').isTransient ? 'yes' : 'no');
    },
  );

  it('lists every feature code, and no other', () => {
    expect(namesOf(page.table('Feature codes'))).toEqual([...FEATURE_CODES]);
  });

  it('lists every code of a rejected row, and no other', () => {
    expect(namesOf(page.table('Reject codes'))).toEqual([...REJECT_CODES]);
  });

  it('lists every code of a step, and no other', () => {
    expect(namesOf(stepRows)).toEqual([...STEP_CODES]);
  });

  it.each(stepRows)('says whether a step that fails with $Code is retried by itself', (row) => {
    const [code] = namesOf([row]) as [StepCode];
    expect(row['Retried by itself'] === 'no').toBe(!new StepError(code, '').retryable);
  });

  it('lists every failure type that src makes, and no other', () => {
    const made = failureTypes([
      'activities/interceptors/failure-interceptor.ts',
      ...filesOf('workflows'),
    ]);
    const fences = ['server_silent', 'attempt_superseded', 'attempt_hung'].filter(isFenceCode);
    const listed = namesOf(page.table('Other failure types'));
    expect([...listed].sort()).toEqual([...new Set([...made, ...fences])].sort());
  });
});
