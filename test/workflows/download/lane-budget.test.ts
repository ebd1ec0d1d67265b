import type { Lane } from '../../../src/contract/payloads';
import { laneBudget } from '../../../src/workflows/download/lane-budget';

const DEFAULT = { connections: 8, requestsPerSecond: 20 };
const OTHER = { connections: 2, requestsPerSecond: 3 };

function lane(more: Partial<Lane>): Lane {
  const budgets = { default: DEFAULT };
  return { lane: 'l000001', hosts: ['a.org'], images: 9, entries: 9, budgets, ...more };
}

describe('the budget of a lane', () => {
  it('is the one of the plan as long as no operator has changed a budget', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': OTHER }, lanesOfHost: 3 });
    expect(laneBudget(planned, { default: DEFAULT }, {})).toEqual({
      budgets: planned.budgets,
      mostLanes: 3,
    });
  });

  it('is the one that an operator gave to the narrowest name', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org:81': DEFAULT } });
    const input = { default: DEFAULT, 'a.org': DEFAULT };
    expect(laneBudget(planned, input, { 'a.org': OTHER }).budgets['a.org:81']).toEqual(OTHER);
    const exact = { ...input, 'a.org:81': DEFAULT };
    expect(laneBudget(planned, exact, { 'a.org': OTHER }).budgets['a.org:81']).toEqual(DEFAULT);
  });

  it('follows a new default where the input names no host', () => {
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': DEFAULT } });
    const { budgets } = laneBudget(planned, { default: DEFAULT }, { default: OTHER });
    expect(budgets).toEqual({ default: OTHER, 'a.org': OTHER });
  });

  it('does not contain hosts of other lanes', () => {
    const input = { default: DEFAULT, 'b.org': OTHER };
    expect(laneBudget(lane({}), input, { default: OTHER }).budgets).toEqual({ default: OTHER });
  });

  it.each([
    { connections: 12, requestsPerSecond: 900, lanes: 3 },
    { connections: 2, requestsPerSecond: 900, lanes: 2 },
    { connections: 1, requestsPerSecond: 900, lanes: 1 },
    { connections: 8, requestsPerSecond: 0.5, lanes: 1 },
  ])('divides $connections connections and $requestsPerSecond/s among $lanes lanes', (given) => {
    const { lanes, ...budget } = given;
    const planned = lane({ budgets: { default: DEFAULT, 'a.org': OTHER }, lanesOfHost: 3 });
    expect(laneBudget(planned, { default: DEFAULT }, { 'a.org': budget })).toEqual({
      budgets: { default: DEFAULT, 'a.org': budget },
      sharedBy: lanes,
      mostLanes: lanes,
    });
  });
});
