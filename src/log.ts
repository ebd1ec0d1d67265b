/** Logs: JSON lines on stderr, pretty in a terminal. */
import pino from 'pino';
import pretty from 'pino-pretty';

/** A logger on stderr (stdout is for data). */
export function createLogger(options: {
  readonly level: string;
  readonly pretty: boolean;
}): pino.Logger {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
  };
  if (!options.pretty) return pino(settings, pino.destination({ dest: 2, sync: true }));
  return pino(
    settings,
    pretty({
      destination: 2,
      sync: true,
      colorize: process.stderr.isTTY,
      translateTime: 'HH:MM:ss',
    }),
  );
}
