/** Carries what Temporal's SDK logs into our log: quieter where the run itself tells it, without what only machines read. */
import type { Logger } from 'pino';

type Meta = Readonly<Record<string, unknown>>;

/** As `Runtime.install` takes it. */
export interface SdkLogger {
  log(level: string, message: string, meta?: Meta): void;
  trace(message: string, meta?: Meta): void;
  debug(message: string, meta?: Meta): void;
  info(message: string, meta?: Meta): void;
  warn(message: string, meta?: Meta): void;
  error(message: string, meta?: Meta): void;
}

/** Each of our workers does one thing, of which the SDK warns; failures are told by the run itself. */
const EXPECTED = /^(No (activities|workflows) registered|(Activity|Workflow) failed$)/;

/** Who logs: code of ours, not the SDK about it. */
const OURS: ReadonlySet<string> = new Set(['activity', 'workflow']);

export function sdkLogger(log: Logger): SdkLogger {
  const at =
    (level: 'trace' | 'debug' | 'warn' | 'error') =>
    (message: string, meta?: Meta): void => {
      const isExpected = level === 'warn' && EXPECTED.test(message);
      log[isExpected ? 'debug' : level](readable(meta), message);
    };
  const debug = at('debug');
  const levels = {
    trace: at('trace'),
    debug,
    info: (message: string, meta?: Meta): void => {
      // The SDK narrates each worker's life at info; ours is told by the commands themselves.
      if (OURS.has(String(meta?.sdkComponent))) log.info(readable(meta), message);
      else debug(message, meta);
    },
    warn: at('warn'),
    error: at('error'),
  };
  return {
    ...levels,
    log: (level, message, meta) => {
      levels[level.toLowerCase() as keyof typeof levels](message, meta);
    },
  };
}

/** Without what only machines read; a workflow's `runId` is Temporal's, ours is that of the run. */
function readable(meta: Meta = {}): Meta {
  const { taskToken: _, ...rest } = meta;
  if (rest.sdkComponent !== 'workflow') return rest;
  const { runId, ...others } = rest;
  return { ...others, workflowRunId: runId };
}
