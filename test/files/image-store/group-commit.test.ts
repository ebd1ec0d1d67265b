/** Group commit: which members are flushed together, and how many flushes are in progress. */
import { createGroupCommit, type GroupCommit } from '../../../src/files/image-store/group-commit';

interface Flush {
  readonly members: readonly string[];
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** The flushes that were started, in their order. */
let flushes: Flush[];
let groups: GroupCommit<string, string>;
/** Members whose `join` has resolved. */
let accepted: string[];

/** Groups of two names that never become due by time. */
beforeEach(() => {
  flushes = [];
  accepted = [];
  groups = createGroupCommit<string, string>({
    limits: { maxNames: 2, maxBytes: 1_000, gatherMs: 1_000_000 },
    weigh: () => ({ names: 1, bytes: 1 }),
    flush: (members) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          resolve(members);
        };
        flushes.push({ members, end, fail: reject });
      }),
  });
});

/** Lets members join, and returns what becomes of each. */
async function join(
  ...members: readonly string[]
): Promise<{ readonly results: readonly Promise<string>[] }> {
  const results = members.map(async (member) => {
    const { durable } = await groups.join(member, { isUrgent: false });
    accepted.push(member);
    return durable;
  });
  for (const result of results) result.catch(() => undefined);
  await turn();
  return { results };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const started = (): readonly (readonly string[])[] => flushes.map(({ members }) => members);

describe('group commit', () => {
  it('lets members gather while a flush is in progress, until their group is full', async () => {
    await join('a', 'b', 'c');
    groups.flushSoon();
    await turn();
    expect(started()).toEqual([['a', 'b']]);
    await join('d');
    expect(started()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('has two flushes in progress at most, and then lets the callers of a full group wait', async () => {
    await join('a', 'b', 'c', 'd', 'e', 'f', 'g');
    expect(started()).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(accepted).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    flushes[1]?.end();
    await turn();
    expect(started()[2]).toEqual(['e', 'f']);
    expect(accepted).toContain('g');
  });

  it('gives the error of a flush to the members of its group only', async () => {
    const { results } = await join('a', 'b', 'c', 'd');
    const [a, , c] = results;
    flushes[0]?.fail(new Error('the disk failed'));
    flushes[1]?.end();
    await expect(a).rejects.toThrow('the disk failed');
    await expect(c).resolves.toBe('c');
  });
});
