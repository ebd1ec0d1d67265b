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
  const at =
    (level: 'trace' | 'debug' | 'warn' | 'error') =>
    (message: string, meta?: Meta): void => {
      const isExpected = level === 'warn' && EXPECTED.test(message);
      log[isExpected ? 'debug' : level](readable(meta), message);
    };
  const levels = {
    trace: at('trace'),
    debug: at('debug'),
    // The SDK narrates each worker's life at info; ours is told by the commands themselves.
    info: at('debug'),
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

/** Without the task token: long, and of use to nobody. */
function readable(meta: Meta = {}): Meta {
  return Object.fromEntries(Object.entries(meta).filter(([name]) => name !== 'taskToken'));
}
