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

export function sdkLogger(log: Logger): SdkLogger {
  const debug = (message: string, meta?: Meta): void => {
    log.debug(readable(meta), message);
  };
  return {
    log: (_level, message, meta) => {
      debug(message, meta);
    },
    trace: (message, meta) => {
      log.trace(readable(meta), message);
    },
    debug,
    // The SDK narrates each worker's life at info; ours is told by the commands themselves.
    info: debug,
    warn: (message, meta) => {
      if (EXPECTED.test(message)) debug(message, meta);
      else log.warn(readable(meta), message);
    },
    error: (message, meta) => {
      log.error(readable(meta), message);
    },
  };
}

/** Without the task token: long, and of use to nobody. */
function readable(meta: Meta = {}): Meta {
  return Object.fromEntries(Object.entries(meta).filter(([name]) => name !== 'taskToken'));
}
