import type { Lane } from '../../../src/contract/payloads';
import { laneBudget } from '../../../src/workflows/download/lane-budget';

const DEFAULT = { connections: 8, requestsPerSecond: 20 };
const OTHER = { connections: 2, requestsPerSecond: 3 };

function lane(more: Partial<Lane>): Lane {
  const budgets = { default: DEFAULT };
  return { lane: 'l000001', hosts: ['a.org'], images: 9, entries: 9, budgets, ...more };
}

describe('the budget of a lane', () => {
  it('is the plan’s own as long as nobody changed any', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': OTHER }, lanesOfHost: 3 });
    expect(laneBudget(planned, { default: DEFAULT }, {})).toEqual({
      budgets: planned.budgets,
      mostLanes: 3,
    });
  });

  it('takes what was given under way, the narrower name first', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org:81': DEFAULT } });
    const input = { default: DEFAULT, 'a.org': DEFAULT };
    expect(laneBudget(planned, input, { 'a.org': OTHER }).budgets['a.org:81']).toEqual(OTHER);
    const exact = { ...input, 'a.org:81': DEFAULT };
    expect(laneBudget(planned, exact, { 'a.org': OTHER }).budgets['a.org:81']).toEqual(DEFAULT);
  });

  it('follows a new default where no host is named', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': DEFAULT } });
    const { budgets } = laneBudget(planned, { default: DEFAULT }, { default: OTHER });
    expect(budgets).toEqual({ default: OTHER, 'a.org': OTHER });
  });

  it('does not carry hosts of other lanes along', () => {
    const input = { default: DEFAULT, 'b.org': OTHER };
    expect(laneBudget(lane({}), input, { default: OTHER }).budgets).toEqual({ default: OTHER });
  });

  it.each([
    { connections: 12, requestsPerSecond: 900, lanes: 3 },
    { connections: 2, requestsPerSecond: 900, lanes: 2 },
    { connections: 1, requestsPerSecond: 900, lanes: 1 },
    { connections: 8, requestsPerSecond: 0.5, lanes: 1 },
  ])('shares $connections connections over no more lanes than they can bear: $lanes', (given) => {
    const { lanes, ...budget } = given;
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': OTHER }, lanesOfHost: 3 });
    expect(laneBudget(planned, { default: DEFAULT }, { 'a.org': budget })).toEqual({
      budgets: { default: DEFAULT, 'a.org': budget },
      sharedBy: lanes,
      mostLanes: lanes,
    });
  });
});
