/**
 * Loaded into a worker (NODE_OPTIONS): while the folder HELD has a file named for an activity type, the first activity of that type
 * heartbeats one detail and fails, to be tried again after as many seconds as the file says. What each later attempt of a held one
 * found in its heartbeat details is written beside it, `<type>.seen`.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** `worker` or `up`; not the children that they start. */
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
