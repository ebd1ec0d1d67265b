/**
 * Logs as JSON lines on stderr, or in a readable form in a terminal. Secrets are removed from every
 * line.
 */
import { createRequire } from 'node:module';
import pino from 'pino';
import type PinoPretty from 'pino-pretty';
import { packageFile } from './files/process/built-file';
import { REDACTED, withoutSecretsInJson } from './contract/without-secrets';

/** Fields whose values are never shown, on the first three levels of a log record. */
const SECRET_FIELDS = ['authorization', 'apiKey', 'api_key', 'password', 'key'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** Creates a logger that writes to stderr, because stdout is for data. */
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
  // Loaded only for terminals, because loading it would delay commands such as `status`.
  const pretty = createRequire(packageFile('package.json'))('pino-pretty') as typeof PinoPretty;
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
