/** What `run` says while nothing is seen of the run that it started. */
import { notBegunText, type NotBegunFacts } from '../../../src/cli/run/not-begun-text';

const waiting: NotBegunFacts = {
  dataRoot: "/it's here",
  queue: 'pipeline',
  taskQueue: 'artemis-pipeline',
  workers: [{ identity: '7@there', stoppedPid: null }],
  failure: null,
  unpause: null,
};
const failure = { message: 'no such function is exported.', identity: '7@there' };
const START = String.raw`artemis-pipeline worker --queues pipeline --data '/it'\''s here'`;

describe('a run of which nothing is seen', () => {
  it('waits for its turn at a worker that lives', () => {
    expect(notBegunText(waiting)).toContain('waits for its turn at 7@there');
  });

  it('waits for a worker that nobody has started, with the command that starts one', () => {
    const words = notBegunText({ ...waiting, workers: [] });
    expect(words).toContain('no worker serves the queue artemis-pipeline');
    expect(words).toContain(START);
  });

  it('waits for a worker that was stopped, whatever failed before', () => {
    const workers = [...waiting.workers, { identity: '8@here', stoppedPid: 8 }];
    expect(notBegunText({ ...waiting, workers, failure })).toContain('kill -CONT 8');
  });

  it('waits for a worker of this build, with what the other one said', () => {
    const words = notBegunText({ ...waiting, failure });
    expect(words).toContain('7@there (<pid>@<host>)');
    expect(words).toContain('no such function is exported. It is tried again.');
    expect(words).toContain(START);
  });

  it('waits for the operator who paused its first activity', () => {
    const unpause = 'temporal activity unpause --workflow-id tate --activity-id open';
    const words = notBegunText({ ...waiting, queue: 'plan', unpause, workers: [] });
    expect(words).toContain(`Let it go on: ${unpause}`);
  });

  it('is at work on another data root', () => {
    expect(notBegunText({ ...waiting, queue: null })).toContain('Start them with the same --data');
  });
});
