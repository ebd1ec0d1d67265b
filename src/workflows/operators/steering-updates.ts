/** Updates that steer a run under way: pause it, resume it, change the budget of a host. */
import { defineUpdate, setHandler } from '@temporalio/workflow';
import {
  UPDATE_PAUSE_RUN,
  UPDATE_RESUME_RUN,
  UPDATE_SET_HOST_BUDGET,
} from '../../contract/operator';
import type { HostBudget } from '../../contract/run-input';
import type { OperatedRun } from './operator-decisions';
import { readField, refusal, refuseEnded } from './refusal';

type GivenBudget = HostBudget & { readonly host: string };

const pauseRun = defineUpdate<string>(UPDATE_PAUSE_RUN);
const resumeRun = defineUpdate<string>(UPDATE_RESUME_RUN);
const setHostBudget = defineUpdate<string, [GivenBudget]>(UPDATE_SET_HOST_BUDGET);

export const STEERING_UPDATES = [
  UPDATE_PAUSE_RUN,
  UPDATE_RESUME_RUN,
  UPDATE_SET_HOST_BUDGET,
] as const;

export function serveSteering(run: OperatedRun): void {
  servePause(run);
  serveResume(run);
  serveHostBudget(run);
}

function servePause(run: OperatedRun): void {
  const { tracker, decisions } = run;
  setHandler(
    pauseRun,
    () => {
      setPaused(run, true);
      return 'The run is paused: images in flight finish, no new ones start, and no further step. Go on with resumeRun.';
    },
    {
      description: 'Hold the run: images in flight finish, no new ones start. No input.',
      validator: () => {
        refuseEnded(tracker);
        if (decisions.isPaused) throw refusal('The run is paused already. Go on with resumeRun.');
        if (tracker.state === 'parked')
          throw refusal('The run is parked: nothing runs. Send retryStep, skipStep or abortRun.');
      },
    },
  );
}

function serveResume(run: OperatedRun): void {
  setHandler(
    resumeRun,
    () => {
      setPaused(run, false);
      return 'The run continues.';
    },
    {
      description: 'Resume a paused run. No input.',
      validator: () => {
        refuseEnded(run.tracker);
        if (!run.decisions.isPaused)
          throw refusal(
            `The run is not paused: it is ${run.tracker.shownState()}. resumeRun is for paused runs.`,
          );
      },
    },
  );
}

function setPaused({ tracker, decisions, showDetails }: OperatedRun, isPaused: boolean): void {
  decisions.isPaused = isPaused;
  tracker.isPaused = isPaused;
  showDetails();
  decisions.onSteer();
}

function serveHostBudget({ tracker, decisions }: OperatedRun): void {
  setHandler(
    setHostBudget,
    ({ host, connections, requestsPerSecond }) => {
      const key = host.toLowerCase();
      decisions.hosts = { ...decisions.hosts, [key]: { connections, requestsPerSecond } };
      decisions.onSteer();
      return `${key} is given ${connections} connections and ${requestsPerSecond} requests per second, within seconds and for the rest of the run, within the worker's caps.`;
    },
    {
      description:
        'Change what a host is given: {"host":"example.org","connections":4,"requestsPerSecond":10}. host: a name, name:port, or default. The worker\'s caps hold.',
      validator: (argument: unknown) => {
        refuseEnded(tracker);
        const problem = budgetProblem(argument);
        if (problem !== null)
          throw refusal(
            `${problem} Send {"host":"example.org","connections":4,"requestsPerSecond":10}; host is a name, name:port, or default.`,
          );
      },
    },
  );
}

/**
 * A host name has at most 253 characters, and a port adds at most five and a colon.
 *
 * @see RFC 1035
 */
const HOST = /^[^\s/@?#]{1,259}$/;

function budgetProblem(argument: unknown): string | null {
  const host = readField(argument, 'host');
  if (typeof host !== 'string' || !HOST.test(host)) return 'host is missing, or is no host.';
  const connections = readField(argument, 'connections');
  if (typeof connections !== 'number' || !Number.isInteger(connections) || connections < 1)
    return 'connections must be a whole number of at least 1.';
  const rate = readField(argument, 'requestsPerSecond');
  if (typeof rate !== 'number' || !Number.isFinite(rate) || rate <= 0)
    return 'requestsPerSecond must be a number above 0.';
  return null;
}
