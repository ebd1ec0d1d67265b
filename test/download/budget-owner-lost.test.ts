/**
 * The process that grants the permits for shared hosts may die or stop at any time. The budget
 * still holds.
 */
import { allEnded, forEachTest, LANES, type SharedBudgetScene } from './shared-budget-scene';

const BUDGET = { connections: 8, requestsPerSecond: 20 };

let scene: SharedBudgetScene;
forEachTest((opened) => (scene = opened));

/**
 * Starts three workers.
 *
 * @returns the worker that grants permits, and the others, when all of them are working.
 */
async function startAll() {
  for (const lane of LANES) scene.plan(lane, 30);
  const workers = LANES.map((lane) => scene.startWorker(lane, BUDGET));
  await scene.untilArrived(15);
  const pid = scene.owner();
  const owner = workers.find((worker) => worker.process.pid === pid);
  if (owner === undefined) throw new Error('no worker grants permits');
  return { owner, others: workers.filter((worker) => worker !== owner) };
}

it('when the owner of shared budgets is killed, the others continue within the budget', async () => {
  const { owner, others } = await startAll();
  owner.process.kill('SIGKILL');
  expect(await owner.ended).toBeNull();
  const successor = scene.startWorker(owner.lane, BUDGET, 2);
  expect(await allEnded(others)).toEqual([30, 30]);
  await successor.ended;
  expect(LANES.map((lane) => scene.stored(lane))).toEqual([30, 30, 30]);
  expect(scene.mostInASecond()).toBeLessThanOrEqual(20);
});

it('when the owner of shared budgets is stopped and continues, all stay within the budget', async () => {
  const { owner, others } = await startAll();
  owner.process.kill('SIGSTOP');
  await scene.untilArrived(scene.arrivals.length + 15);
  expect(scene.owner()).not.toBe(owner.process.pid);
  owner.process.kill('SIGCONT');
  expect(await allEnded([owner, ...others])).toEqual([30, 30, 30]);
  // When a stopped process continues, it may send the requests that it had been granted, one over
  // each of its connections.
  expect(scene.mostInASecond()).toBeLessThanOrEqual(20 + BUDGET.connections);
});
