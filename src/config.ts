/**
 * The configuration of a worker. This is the only module that reads the environment. The input of a
 * run cannot widen a limit that is set here.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { Tuning } from './contract/payloads';
import { DEFAULT_QUEUE_PREFIX } from './contract/task-queues';
import {
  environmentProxies,
  isProxyVariable,
  proxySecrets,
  type ProxySettings,
} from './contract/proxy-settings';
import { packageFile } from './files/process/built-file';
import { withoutSecrets } from './contract/without-secrets';

function packageJson(): unknown {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
}

/** The version in package.json. */
export const version = z.object({ version: z.string() }).parse(packageJson()).version;

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A list separated by commas, such as "a, b ,c". Empty entries are dropped. */
const commaList = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const ports = z
  .string()
  .default('80,443')
  .transform((text) => text.split(',').map((part) => Number(part.trim())))
  .refine((list) => list.every((port) => Number.isInteger(port) && port > 0 && port < 65_536), {
    message: 'must be a comma list of ports between 1 and 65535',
  });

const positive = (fallback: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number().positive().default(fallback);

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

/** An IP address with a port. The SDK's runtime does not accept a host name here. */
const metricsAddress = z.string().regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:]+\]):\d{1,5}$/i, {
  message: 'must be an IP address of this machine with a port, as 127.0.0.1:9464',
});

/** The URL of an HTTP proxy. The message never repeats the value, which may contain a password. */
const proxyUrl = z.url({
  protocol: /^https?$/,
  message: 'must be the URL of a proxy (http:// or https://), or the word environment',
});

const schema = z.object({
  ARTEMIS_DATA: z
    .string()
    .min(1)
    .default('./data')
    .transform((folder) => path.resolve(folder)),
  ARTEMIS_QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .default(DEFAULT_QUEUE_PREFIX),
  ARTEMIS_ALLOW_PRIVATE_HOSTS: commaList,
  ARTEMIS_ALLOWED_PORTS: ports,
  ARTEMIS_MAX_CONNECTIONS_PER_HOST: positive(64),
  ARTEMIS_MAX_REQUESTS_PER_SECOND: positive(1000),
  ARTEMIS_MAX_BYTES_PER_FILE: positive(50_000_000),
  ARTEMIS_MAX_SECONDS_PER_FILE: positive(60),
  ARTEMIS_MAX_ATTEMPTS: positive(3),
  ARTEMIS_MAX_RETRY_AFTER: positive(3600),
  ARTEMIS_OUTAGE_SECONDS: positive(15),
  ARTEMIS_HONOR_ROBOTS_TAG: flag,
  ARTEMIS_MAX_PIXELS: positive(100_000_000),
  ARTEMIS_MIN_FREE_BYTES: z.coerce.number().nonnegative().default(1_000_000_000),
  ARTEMIS_HTTP_HEADERS_FILE: z.string().optional(),
  ARTEMIS_PROXY: z.union([z.literal('environment'), proxyUrl]).optional(),
  ARTEMIS_USER_AGENT: z
    .string()
    .min(1)
    .default(`artemis-pipeline/${version} (+mailto:${os.userInfo().username}@${os.hostname()})`),
  ARTEMIS_DB_DRIVER: z.enum(['node-api', 'duckdb-async']).default('node-api'),
  ARTEMIS_DB_MEMORY: z.string().default('800MB'),
  ARTEMIS_DB_THREADS: z.coerce.number().int().positive().default(2),
  ARTEMIS_MODEL_SECONDS: positive(300),
  ARTEMIS_PREVIEW_BYTES: positive(1_000_000_000),
  ARTEMIS_EMBEDDING_MODEL: z
    .string()
    .transform((file) => path.resolve(file))
    .optional(),
  ARTEMIS_BATCH_SECONDS: positive(90),
  ARTEMIS_COMMIT_SECONDS: positive(15),
  ARTEMIS_HISTORY_EVENTS: positive(4_000),
  ARTEMIS_LATE_SECONDS: positive(30),
  ARTEMIS_LOCK_PATIENCE_SECONDS: positive(3_600),
  ARTEMIS_STOP_SECONDS: positive(90),
  ARTEMIS_METRICS_ADDRESS: metricsAddress.optional(),
  ARTEMIS_WEB_UI: z.url({ protocol: /^https?$/ }).optional(),
  ARTEMIS_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info'),
});

/** Settings whose values are never repeated, because they may contain a password. */
const CONFIDENTIAL: ReadonlySet<string> = new Set(['ARTEMIS_PROXY']);

/** The names of all settings of this program. .env.example describes each of them. */
export const SETTING_NAMES: readonly string[] = Object.keys(schema.shape);

/**
 * Limits of the downloader, which no run can widen. Sizes are in bytes, times in seconds, and
 * `pixels` is the width of an image times its height.
 */
export interface DownloadConfig {
  readonly allowPrivateHosts: readonly string[];
  readonly allowedPorts: readonly number[];
  readonly maxConnectionsPerHost: number;
  readonly maxRequestsPerSecond: number;
  readonly bytesPerFile: number;
  readonly secondsPerFile: number;
  readonly attempts: number;
  readonly maxRetryAfterSeconds: number;
  /**
   * The first pause of the lane of a host that only fails, in seconds. The second pause is 4 times
   * as long, and the third 20 times.
   */
  readonly outageSeconds: number;
  readonly honorsRobotsTag: boolean;
  readonly pixels: number;
  readonly minFreeBytes: number;
  readonly headersFile: string | null;
  /** Null when images are requested without a proxy. The URLs may contain a password. */
  readonly proxy: ProxySettings | null;
  readonly userAgent: string;
}

/** How the warehouse opens DuckDB. `memory` is written as DuckDB writes it, for example "800MB". */
export interface DatabaseConfig {
  readonly driver: 'node-api' | 'duckdb-async';
  readonly memory: string;
  readonly threads: number;
}

export interface Config {
  /** Absolute path of the data root. */
  readonly dataRoot: string;
  readonly queuePrefix: string;
  readonly logLevel: string;
  /** The address at which metrics are served (`ip:port`); null when they are not served. */
  readonly metricsAddress: string | null;
  /** The address of a configured server's Web UI; null when it is not known. */
  readonly webUi: string | null;
  readonly download: DownloadConfig;
  readonly database: DatabaseConfig;
  /** The longest time that building one model, or asking one check, may take, in seconds. */
  readonly modelSeconds: number;
  /** The most bytes that the previews of `serve` take in the data root. */
  readonly previewBytes: number;
  /** Absolute path of the ONNX file of the step embeddings; null when it is not set. */
  readonly embeddingModel: string | null;
  /**
   * The time in seconds after which workers that were asked to stop have ended.
   *
   * @see workers/stop-workers.ts
   */
  readonly stopSeconds: number;
  /** How finely runs are divided. */
  readonly tuning: Tuning;
  /** The environment itself, for Temporal's own TEMPORAL_* settings. */
  readonly env: Environment;
}

/** A setting that is in force, as text, and where its value comes from. */
export interface SettingInForce {
  readonly name: string;
  readonly value: string;
  readonly source: 'environment' | 'default';
}

/**
 * All settings of this program, and those of Temporal that are set. Values of Temporal's settings
 * may be secrets, so only addresses and names are shown.
 */
export function settingsInForce(env: Environment): readonly SettingInForce[] {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  const values = schema.parse(
    Object.fromEntries(Object.entries(env).filter(([name]) => isSet(name))),
  );
  const ours = Object.entries(values).map(([name, value]): SettingInForce => ({
    name,
    value: value === undefined ? '' : withoutSecrets(String(value)),
    source: isSet(name) ? 'environment' : 'default',
  }));
  const unset = SETTING_NAMES.filter((name) => !(name in values)).map((name): SettingInForce => ({
    name,
    value: '',
    source: 'default',
  }));
  const temporal = Object.keys(env)
    .filter((name) => name.startsWith('TEMPORAL_') && isSet(name))
    .sort()
    .map((name): SettingInForce => ({
      name,
      value: SHOWN.has(name) ? (env[name] ?? '') : '(set, not shown)',
      source: 'environment',
    }));
  return [...ours, ...unset, ...temporal];
}

const SHOWN: ReadonlySet<string> = new Set([
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
]);

/** Values of the environment that must never be shown. */
export function secretsIn(env: Environment): readonly string[] {
  const isSecret = /^TEMPORAL_(API_KEY|TLS_CLIENT_KEY_DATA|CODEC_AUTH|GRPC_META_.*)$/;
  return Object.entries(env).flatMap(([name, value]) => {
    if (isSecret.test(name)) return [value ?? ''];
    return isProxyVariable(name) ? proxySecrets(value ?? '') : [];
  });
}

/** The versions of Node on which this program runs, as package.json states them (">=20.18.1"). */
export const nodeRange = z.object({ engines: z.object({ node: z.string() }) }).parse(packageJson())
  .engines.node;

/**
 * A setting that cannot be used. The message names the variable, its value, and what is accepted.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The environment with some settings replaced, for the options of a command and for the demo. */
export function environmentWith(overrides: Environment): Environment {
  return { ...process.env, ...overrides };
}

/**
 * Reads the configuration from the environment.
 *
 * @throws ConfigError that names the variable.
 */
export function loadConfig(env: Environment = process.env): Config {
  const known = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(known);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0] ?? 'the environment');
    throw new ConfigError(
      `${name}${CONFIDENTIAL.has(name) ? '' : ` is ${JSON.stringify(env[name])}`}: ${issue?.message ?? 'not usable'}. Correct it, or unset it for the default.`,
    );
  }
  return Object.freeze(asConfig(parsed.data, env));
}

function proxySettings(setting: string | undefined, env: Environment): ProxySettings | null {
  if (setting === undefined) return null;
  if (setting !== 'environment') return { http: setting, https: setting, exceptions: [] };
  const proxies = environmentProxies(env);
  if (proxies instanceof Error) throw new ConfigError(proxies.message);
  return proxies;
}

function asConfig(set: z.infer<typeof schema>, env: Config['env']): Config {
  return {
    dataRoot: set.ARTEMIS_DATA,
    queuePrefix: set.ARTEMIS_QUEUE_PREFIX,
    logLevel: set.ARTEMIS_LOG_LEVEL,
    metricsAddress: set.ARTEMIS_METRICS_ADDRESS ?? null,
    webUi: set.ARTEMIS_WEB_UI?.replace(/\/$/, '') ?? null,
    download: {
      allowPrivateHosts: set.ARTEMIS_ALLOW_PRIVATE_HOSTS,
      allowedPorts: set.ARTEMIS_ALLOWED_PORTS,
      maxConnectionsPerHost: set.ARTEMIS_MAX_CONNECTIONS_PER_HOST,
      maxRequestsPerSecond: set.ARTEMIS_MAX_REQUESTS_PER_SECOND,
      bytesPerFile: set.ARTEMIS_MAX_BYTES_PER_FILE,
      secondsPerFile: set.ARTEMIS_MAX_SECONDS_PER_FILE,
      attempts: set.ARTEMIS_MAX_ATTEMPTS,
      maxRetryAfterSeconds: set.ARTEMIS_MAX_RETRY_AFTER,
      outageSeconds: set.ARTEMIS_OUTAGE_SECONDS,
      honorsRobotsTag: set.ARTEMIS_HONOR_ROBOTS_TAG,
      pixels: set.ARTEMIS_MAX_PIXELS,
      minFreeBytes: set.ARTEMIS_MIN_FREE_BYTES,
      headersFile: set.ARTEMIS_HTTP_HEADERS_FILE ?? null,
      proxy: proxySettings(set.ARTEMIS_PROXY, env),
      userAgent: set.ARTEMIS_USER_AGENT,
    },
    database: {
      driver: set.ARTEMIS_DB_DRIVER,
      memory: set.ARTEMIS_DB_MEMORY,
      threads: set.ARTEMIS_DB_THREADS,
    },
    modelSeconds: set.ARTEMIS_MODEL_SECONDS,
    previewBytes: set.ARTEMIS_PREVIEW_BYTES,
    embeddingModel: set.ARTEMIS_EMBEDDING_MODEL ?? null,
    stopSeconds: set.ARTEMIS_STOP_SECONDS,
    tuning: {
      batchSeconds: set.ARTEMIS_BATCH_SECONDS,
      commitSeconds: set.ARTEMIS_COMMIT_SECONDS,
      historyEvents: set.ARTEMIS_HISTORY_EVENTS,
      lateSeconds: set.ARTEMIS_LATE_SECONDS,
      lockPatienceSeconds: set.ARTEMIS_LOCK_PATIENCE_SECONDS,
    },
    env,
  };
}
