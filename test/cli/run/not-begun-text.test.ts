/** What `run` prints while the run that it started has not written anything. */
import { notBegunText, type NotBegunFacts } from '../../../src/cli/run/not-begun-text';

const waiting: NotBegunFacts = {
  dataRoot: "/it's here",
  queuePrefix: 'artemis',
  queue: 'pipeline',
  taskQueue: 'artemis-pipeline',
  workers: [{ identity: '7@there', stoppedPid: null }],
  failure: null,
  unpause: null,
};
const failure = { message: 'no such function is exported.', identity: '7@there' };
const START = String.raw`artemis-pipeline worker --queues pipeline --data '/it'\''s here'`;

describe('notBegunText', () => {
  it('names the worker at which the run waits for its turn', () => {
    expect(notBegunText(waiting)).toContain('waits for its turn at 7@there');
  });

  it('names a queue without a worker, with the command that starts one', () => {
    const words = notBegunText({ ...waiting, workers: [] });
    expect(words).toContain('no worker serves the queue artemis-pipeline');
    expect(words).toContain(START);
  });

  it('names a worker that was stopped, whatever failed before', () => {
    const workers = [...waiting.workers, { identity: '8@here', stoppedPid: 8 }];
    expect(notBegunText({ ...waiting, workers, failure })).toContain('kill -CONT 8');
  });

  it('names a worker of another build, its failure, and the command that starts one of this build', () => {
    const words = notBegunText({ ...waiting, failure });
    expect(words).toContain('7@there (<pid>@<host>)');
    expect(words).toContain('no such function is exported. It is tried again.');
    expect(words).toContain(START);
  });

  it('gives the command that resumes the first activity after an operator paused it', () => {
    const unpause = 'temporal activity unpause --workflow-id tate --activity-id open';
    const words = notBegunText({ ...waiting, queue: 'plan', unpause, workers: [] });
    expect(words).toContain(`To resume it: ${unpause}`);
  });

  it('asks whether the workers use another data root when the run is under way without a record', () => {
    expect(notBegunText({ ...waiting, queue: null })).toContain('Start them with the same --data');
  });
});
