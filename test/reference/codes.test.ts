/** docs/reference/codes.md against the lists of codes in the code. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { REJECT_CODES } from '../../src/catalog/catalog-staging';
import { STEP_CODES, StepError, type StepCode } from '../../src/contract/errors';
import { IMAGE_CODES, type ImageCode } from '../../src/contract/outcome';
import { isFenceCode } from '../../src/download/attempt-fence';
import { FetchFailure } from '../../src/http/fetch-failure';
import { namesOf, readReferencePage } from './reference-page';

const page = readReferencePage('codes.md');
const imageRows = page.table('Image codes');
const stepRows = page.table('Step codes');

const SRC = path.join(__dirname, '../../src');

/** Files of `src` with this string literal. */
function filesWithLiteral(text: string): readonly string[] {
  const found = execFileSync('grep', ['-rlF', `'${text}'`, SRC], { encoding: 'utf8' });
  return found.split('\n').filter((line) => line !== '');
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

  it.each(namesOf(page.table('Other failure types')))('lists %s, which src has', (type) => {
    expect(filesWithLiteral(type)).not.toEqual([]);
  });

  it('lists every reason for which an attempt of a batch is stopped', () => {
    const listed = namesOf(page.table('Other failure types')).filter(isFenceCode);
    expect(listed).toEqual(['server_silent', 'attempt_superseded', 'attempt_hung']);
  });
});
