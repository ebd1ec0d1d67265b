/**
 * Forwards the log of Temporal's SDK to this program's log. Messages that the run reports itself
 * are logged at a lower level, and fields for machines are left out.
 */
import type { Logger } from 'pino';

type Meta = Readonly<Record<string, unknown>>;

/** The logger that `Runtime.install` takes. */
export interface SdkLogger {
  log(level: string, message: string, meta?: Meta): void;
  trace(message: string, meta?: Meta): void;
  debug(message: string, meta?: Meta): void;
  info(message: string, meta?: Meta): void;
  warn(message: string, meta?: Meta): void;
  error(message: string, meta?: Meta): void;
}

/**
 * The SDK warns when a worker runs only activities or only workflows, which is intended. The run
 * reports failures itself.
 */
const EXPECTED = /^(No (activities|workflows) registered|(Activity|Workflow) failed$)/;

/** Components that log for this program's code and not about it. */
const OWN_COMPONENTS: ReadonlySet<string> = new Set(['activity', 'workflow']);

export function sdkLogger(log: Logger): SdkLogger {
  const logAt =
    (level: 'trace' | 'debug' | 'warn' | 'error') =>
    (message: string, meta?: Meta): void => {
      const isExpected = level === 'warn' && EXPECTED.test(message);
      log[isExpected ? 'debug' : level](withoutMachineFields(meta), message);
    };
  const debug = logAt('debug');
  const levels = {
    trace: logAt('trace'),
    debug,
    info: (message: string, meta?: Meta): void => {
      // The SDK logs the life cycle of each worker at info level; the commands report it
      // themselves.
      if (OWN_COMPONENTS.has(String(meta?.sdkComponent)))
        log.info(withoutMachineFields(meta), message);
      else debug(message, meta);
    },
    warn: logAt('warn'),
    error: logAt('error'),
  };
  return {
    ...levels,
    log: (level, message, meta) => {
      levels[level.toLowerCase() as keyof typeof levels](message, meta);
    },
  };
}

/**
 * Removes fields for machines. The `runId` of a workflow is renamed, because `runId` is the id of
 * this program's run.
 */
function withoutMachineFields(meta: Meta = {}): Meta {
  const { taskToken: _, ...rest } = meta;
  if (rest.sdkComponent !== 'workflow') return rest;
  const { runId, ...others } = rest;
  return { ...others, workflowRunId: runId };
}
