/** Logs: JSON lines on stderr, pretty in a terminal. Secrets are taken out of each. */
import { createRequire } from 'node:module';
import pino from 'pino';
import type PinoPretty from 'pino-pretty';
import { REDACTED, withoutSecretsInJson } from './contract/without-secrets';

/** Fields that are never shown, wherever they stand. */
const SECRET_FIELDS = ['authorization', 'apiKey', 'api_key', 'password', 'key'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

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
    redact: { paths: SECRET_FIELDS, censor: REDACTED },
    hooks: { streamWrite: withoutSecretsInJson },
  };
  if (!options.pretty) return pino(settings, pino.destination({ dest: 2, sync: true }));
  // Loaded for terminals only: `status` shall answer at once.
  const pretty = createRequire(__filename)('pino-pretty') as typeof PinoPretty;
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
