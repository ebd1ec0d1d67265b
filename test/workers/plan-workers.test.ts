import { planWorkers } from '../../src/workers/plan-workers';
import { QUEUE_NAMES, taskQueuesBeside } from '../../src/contract/task-queues';

describe('the plan of workers', () => {
  it('gives the warehouse queue exactly one slot, in one worker', () => {
    const plan = planWorkers({ queuePrefix: 'artemis', queues: QUEUE_NAMES, stopSeconds: 90 });
    const warehouse = plan.filter((worker) => worker.taskQueue === 'artemis-warehouse');
    expect(warehouse).toHaveLength(1);
    expect(warehouse[0]?.slots).toBe(1);
  });

  it('runs only the chosen queues, under the prefix', () => {
    const plan = planWorkers({ queuePrefix: 'museum', queues: ['download'], stopSeconds: 90 });
    expect(plan.map((worker) => worker.taskQueue)).toEqual(['museum-download']);
  });

  it('lets download workers hand over at once and a commit finish', () => {
    const plan = planWorkers({
      queuePrefix: 'a',
      queues: ['download', 'warehouse'],
      stopSeconds: 90,
    });
    expect(plan.map((worker) => worker.shutdownGraceMs)).toEqual([0, 60_000]);
  });

  it("finds the other queues from the workflow's own", () => {
    expect(taskQueuesBeside('my-pipeline-pipeline').download).toBe('my-pipeline-download');
  });
});
