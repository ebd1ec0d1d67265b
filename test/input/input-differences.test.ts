/** Finds out whether two inputs ask for the same. */
import { inputDifferences } from '../../src/input/input-differences';

const input = { catalog: 'catalogs/a.csv' };

describe('two inputs', () => {
  it('are the same when only defaults, or the order of steps, are written out', () => {
    const columns = { id: 'id', url: 'url' };
    expect(inputDifferences(input, { ...input, columns, select: 'pending' })).toEqual([]);
    const forwards = { ...input, steps: ['ingest', 'download'] };
    expect(inputDifferences(forwards, { ...input, steps: ['download', 'ingest'] })).toEqual([]);
  });

  it('differ field by field', () => {
    expect(inputDifferences({ ...input, limit: 5 }, { ...input, select: 'all' })).toEqual([
      'select is "pending" there, "all" here',
      'limit is 5 there, null here',
    ]);
  });

  it.each([undefined, 'text', { nothing: 1 }])('differ when one is %p', (theirs) => {
    expect(inputDifferences(theirs, input)).toEqual(['its input cannot be used']);
  });
});
