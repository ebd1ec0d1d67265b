/** Answers that many pages of `serve` ask for are computed once. */
import { AnswerCache } from '../../src/serve/snapshot/answer-cache';
import type { Row } from '../../src/report/ask';

const rowsOf = (count: number, text = 'x'): readonly Row[] =>
  Array.from({ length: count }, () => ({ text }));

/** A cache, and how often each query was computed. */
function countingCache(mostBytes?: number) {
  const cache = new AnswerCache(mostBytes);
  const computed: string[] = [];
  const ask = (sql: string, rows: readonly Row[] = rowsOf(1)): Promise<readonly Row[]> =>
    cache.rows(sql, () => {
      computed.push(sql);
      return Promise.resolve(rows);
    });
  return { cache, computed, ask };
}

describe('the answers of a snapshot', () => {
  it('are computed once for a hundred requests at the same time, and not again later', async () => {
    const { computed, ask } = countingCache();
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('SELECT 1')));
    await ask('SELECT 1');
    expect(computed).toEqual(['SELECT 1']);
    expect(new Set(answers).size).toBe(1);
  });

  it('are computed again after a failure', async () => {
    const { cache, computed, ask } = countingCache();
    const failing = cache.rows('SELECT 1', () => Promise.reject(new Error('interrupted')));
    await expect(failing).rejects.toThrow('interrupted');
    await ask('SELECT 1');
    expect(computed).toEqual(['SELECT 1']);
  });

  it('are forgotten when they have too many bytes together, those used last stay', async () => {
    const { computed, ask } = countingCache(20_000);
    const long = rowsOf(1, 'x'.repeat(4_000));
    await ask('a', long);
    await ask('b', long);
    await ask('a', long);
    await ask('c', long);
    await ask('a', long);
    expect(computed).toEqual(['a', 'b', 'c']);
    await ask('b', long);
    expect(computed).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are not kept when one of them is large', async () => {
    const { computed, ask } = countingCache();
    const large = rowsOf(10_000);
    await ask('all', large);
    await ask('all', large);
    expect(computed).toEqual(['all', 'all']);
  });
});
