/**
 * Loaded into a worker (NODE_OPTIONS). While the folder HELD has a file named for an activity type,
 * the first activity of that type heartbeats one detail and fails, to be retried after the number
 * of seconds in the file. Each later attempt of such an activity writes the heartbeat details that
 * it finds to `<type>.seen` beside that file.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** Only `worker` or `up`, and not the child processes that they start. */
if (['worker', 'up'].includes(process.argv[2])) hold();

function hold() {
  const { ApplicationFailure } = require('@temporalio/common');
  const { Worker } = require('@temporalio/worker');
  const folder = process.env.HELD;
  const create = Worker.create.bind(Worker);
  Worker.create = (options) => {
    const { activity = [] } = options.interceptors ?? {};
    return create({ ...options, interceptors: { activity: [...activity, holder] } });
  };

  function holder(context) {
    const { activityType, activityId, workflowExecution } = context.info;
    const file = (ending) => path.join(folder, `${activityType}${ending}`);
    const me = `${workflowExecution.workflowId}/${activityId}`;
    return {
      inbound: {
        execute(input, next) {
          const isMine = claim(file('.claim'), me);
          if (isMine) fs.appendFileSync(file('.seen'), line(context.info.heartbeatDetails));
          if (!isMine || !fs.existsSync(file(''))) return next(input);
          context.heartbeat({ failures: 1, waitingSince: null, held: activityType });
          throw ApplicationFailure.create({
            type: 'held',
            message: 'held by a test',
            nextRetryDelay: fs.readFileSync(file(''), 'utf8'),
          });
        },
      },
    };
  }

  const line = (details) => `${JSON.stringify(details ?? null)}\n`;

  /** Several processes may try at once. */
  function claim(file, me) {
    try {
      fs.writeFileSync(file, me, { flag: 'wx' });
      return true;
    } catch {
      return fs.readFileSync(file, 'utf8') === me;
    }
  }
}
