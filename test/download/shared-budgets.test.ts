/**
 * The budget of a host to which redirects lead holds for all batches of a process and all processes
 * of a data root.
 */
import fs from 'node:fs';
import path from 'node:path';
import { allEnded, forEachTest, LANES, SharedBudgetScene } from './shared-budget-scene';

const BUDGET = { connections: 8, requestsPerSecond: 20 };
const [FIRST, SECOND] = LANES;
const TWO = [FIRST, SECOND];

let scene: SharedBudgetScene;
forEachTest((opened) => (scene = opened));

describe('the rate of requests to a host to which redirects lead', () => {
  it('is limited by one budget for two batches of one process', async () => {
    for (const lane of TWO) scene.plan(lane, 30);
    const { results } = await scene.runHere(TWO, BUDGET);
    expect(results.map(({ stored }) => stored)).toEqual([30, 30]);
    expect(scene.arrivals).toHaveLength(60);
    expect(scene.mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('is limited by one budget for three processes', async () => {
    for (const lane of LANES) scene.plan(lane, 25);
    const workers = LANES.map((lane) => scene.startWorker(lane, BUDGET));
    expect(await allEnded(workers)).toEqual([25, 25, 25]);
    expect(scene.arrivals).toHaveLength(75);
    expect(scene.mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('is limited by one budget for a lane of the host itself and redirects of another process', async () => {
    scene.plan(FIRST, 40, { isAtTarget: true });
    scene.plan(SECOND, 20);
    const own = scene.startWorker(FIRST, BUDGET);
    await scene.untilArrived(5);
    expect(await allEnded([own, scene.startWorker(SECOND, BUDGET)])).toEqual([40, 20]);
    expect(scene.mostInASecond()).toBeLessThanOrEqual(20);
  });

  it('is limited by one budget below a data root with a very long path', async () => {
    const deep = await SharedBudgetScene.open(path.join('d'.repeat(120), 'e'.repeat(120)));
    try {
      for (const lane of TWO) deep.plan(lane, 20);
      const workers = TWO.map((lane) => deep.startWorker(lane, BUDGET));
      expect(await allEnded(workers)).toEqual([20, 20]);
      expect(deep.mostInASecond()).toBeLessThanOrEqual(20);
    } finally {
      await deep.close();
    }
  });

  it('is limited separately in each process, with a warning, if sockets cannot be used', async () => {
    for (const lane of TWO) scene.plan(lane, 2);
    fs.writeFileSync(path.join(scene.root, 'lease'), 'not a folder');
    const { results, warnings } = await scene.runHere(TWO, BUDGET);
    expect(results.map(({ stored }) => stored)).toEqual([2, 2]);
    expect(warnings).toEqual([expect.stringContaining('cannot share the budgets')]);
    expect(scene.arrivals).toHaveLength(4);
    expect(scene.mostInASecond()).toBe(1);
  });
});

describe('connections to a host to which redirects lead', () => {
  it('share one budget in three processes', async () => {
    for (const lane of LANES) scene.plan(lane, 20, { answerMs: 20 });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, scene.openConnections());
    }, 2);
    const budget = { connections: 2, requestsPerSecond: 500 };
    const workers = LANES.map((lane) => scene.startWorker(lane, budget));
    expect(await allEnded(workers)).toEqual([20, 20, 20]);
    clearInterval(watch);
    expect(most).toBe(2);
  });
});

describe('a Retry-After of a host to which redirects lead', () => {
  const budget = { connections: 1, requestsPerSecond: 100 };

  it('is obeyed by other processes', async () => {
    for (const lane of TWO) scene.plan(lane, 5);
    scene.refuseFirst(FIRST, '4');
    const refused = scene.startWorker(FIRST, budget);
    await scene.untilArrived(1);
    expect(await allEnded([refused, scene.startWorker(SECOND, budget)])).toEqual([5, 5]);
    const [first = 0, next = 0] = scene.arrivals;
    expect(next - first).toBeGreaterThanOrEqual(3_950);
  });

  it('that is longer than a batch waits ends all batches, which return their lanes', async () => {
    for (const lane of TWO) {
      scene.plan(lane, 5);
      scene.refuseFirst(lane, '100');
    }
    const { results } = await scene.runHere(TWO, budget);
    expect(scene.arrivals).toHaveLength(1);
    for (const { stored, pause } of results) {
      expect(stored).toBe(0);
      expect(pause).toMatchObject({ code: 'http_429', why: 'asked' });
    }
  });
});
