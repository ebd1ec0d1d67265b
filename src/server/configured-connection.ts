/**
 * The server that the TEMPORAL_* variables or a profile in temporal.toml name, read as Temporal's
 * own CLI reads them.
 */
import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { createSecureContext } from 'node:tls';
import { loadClientConnectConfig, loadClientConfigProfile } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { ConfigError } from '../config';
import type { WorkersPlace } from '../contract/commands/printed-command';
import { keepSecret } from '../contract/without-secrets';

/** The address of a server, and how to connect to it. */
export interface ConnectionSettings {
  readonly address: string;
  readonly namespace: string;
  /** The API key, TLS and headers as @temporalio/envconfig reads them. */
  readonly options: NativeConnectionOptions;
  /** What commands in error messages must name; absent for a server without a data root. */
  readonly place?: WorkersPlace;
  /** True when `http_proxy` and similar variables do not apply. */
  readonly ignoresProxy?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Record<string, string>;

/**
 * Settings for a server on this machine that has neither API key nor TLS and is never behind a
 * proxy.
 */
export function plainSettings(address: string, namespace = 'default'): ConnectionSettings {
  return { address, namespace, options: { address }, ignoresProxy: true };
}

/**
 * Reads the configured connection without connecting. Returns null when neither the variables nor
 * the profile name an address. Its keys are removed from all output from then on.
 *
 * @throws ConfigError when the file, the profile or a certificate cannot be used.
 */
export function configuredConnection(env: Environment): ConnectionSettings | null {
  const variables = setVariables(env);
  checkConfigFile(variables.TEMPORAL_CONFIG_FILE);
  const { connectionOptions, namespace } = readSettings(variables);
  const { address } = connectionOptions;
  if (address === undefined || address === '') return null;
  checkTls(connectionOptions);
  return { address, namespace: namespace ?? 'default', options: connectionOptions };
}

/**
 * The namespace that the variables or the profile name without an address; null when there is none.
 * It is not used, because the data root's own server has only the namespace `default`.
 */
export function unusedNamespace(env: Environment): string | null {
  const { connectionOptions, namespace = 'default' } = readSettings(setVariables(env));
  const isWithout = (connectionOptions.address ?? '') === '';
  return isWithout && namespace !== 'default' ? namespace : null;
}

/**
 * Ignores empty variables. Compose and shells set variables to the empty string, which
 * @temporalio/envconfig takes for a key.
 */
function setVariables(env: Environment): Variables {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => (pair[1] ?? '') !== ''),
  );
}

/** @temporalio/envconfig silently ignores a file that does not exist. */
function checkConfigFile(file: string | undefined): void {
  if (file !== undefined && !fs.existsSync(file))
    throw new ConfigError(
      `TEMPORAL_CONFIG_FILE names ${file}, which does not exist. Correct it, or unset it.`,
    );
}

function readSettings(overrideEnvVars: Variables): ReturnType<typeof loadClientConnectConfig> {
  try {
    const { tls } = loadClientConfigProfile({ overrideEnvVars });
    if ((tls?.clientCert === undefined) !== (tls?.clientKey === undefined))
      // A certificate without its key, or a key without its certificate, would be ignored silently.
      throw new Error(
        'of client certificate and client key only one is set; a server that asks for a certificate needs both',
      );
    const settings = loadClientConnectConfig({ overrideEnvVars });
    keepSecrets(settings.connectionOptions);
    return settings;
  } catch (error) {
    throw new ConfigError(
      `Temporal's settings (TEMPORAL_*, temporal.toml) cannot be used: ${settingsErrorText(error)}. Correct them.`,
    );
  }
}

/** Registers the secrets of a profile. Those of variables are registered already. */
function keepSecrets({ apiKey, metadata, tls }: NativeConnectionOptions): void {
  if (typeof apiKey === 'string') keepSecret(apiKey);
  for (const value of Object.values(metadata ?? {}))
    if (typeof value === 'string') keepSecret(value);
  const key = typeof tls === 'object' ? tls?.clientCertPair?.key : undefined;
  if (key !== undefined) keepSecret(Buffer.from(key).toString('utf8'));
}

/**
 * The first line of an error. The parser's next lines show the text around the mistake, which may
 * be a key.
 */
function settingsErrorText(error: unknown): string {
  // This is the error for a file without any profile.
  if (isObject(error) && error.name === 'TypeError')
    return 'temporal.toml has no table [profile.<name>]';
  return messageOf(error).split('\n')[0] ?? '';
}

function checkTls({ tls }: NativeConnectionOptions): void {
  if (typeof tls !== 'object' || tls === null) return;
  const { serverRootCACertificate: ca, clientCertPair: pair } = tls;
  checkUsable('The CA certificate of the server', () => ca && new X509Certificate(ca));
  checkUsable(
    'The client certificate and its key',
    () => pair && createSecureContext({ cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) }),
  );
}

/** Reports OpenSSL's reason, which says what is wrong but shows nothing of the file. */
function checkUsable(what: string, load: () => unknown): void {
  try {
    load();
  } catch (error) {
    const reason = isObject(error) && 'reason' in error ? String(error.reason) : 'not PEM';
    throw new ConfigError(
      `${what} cannot be used (${reason}). Correct TEMPORAL_TLS_*, or the profile's tls: PEM files, the key without a passphrase.`,
    );
  }
}

function messageOf(error: unknown): string {
  return isObject(error) && 'message' in error ? String(error.message) : String(error);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
