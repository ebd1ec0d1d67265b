/**
 * Decides which Temporal server a command uses: the configured one, or else the data root's own.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Config } from '../config';
import { workerCommand, type WorkersPlace } from '../contract/commands/printed-command';
import {
  configuredConnection,
  unusedNamespace,
  type ConnectionSettings,
} from './configured-connection';
import { ensureServer, runningServer } from './embedded/dev-server';
import { TemporalUnreachable } from './temporal-unreachable';

export interface ResolvedServer {
  readonly settings: ConnectionSettings;
  /**
   * Null when the server is configured and ARTEMIS_WEB_UI is not set, because its Web UI may be
   * anywhere.
   */
  readonly uiUrl: string | null;
  /** True when this call started an embedded server. */
  readonly started: boolean;
  /**
   * The open client of an embedded server, which the caller closes, where `keepsClient` is true.
   */
  readonly client?: Client | undefined;
}

/**
 * Returns the server to use.
 *
 * @throws TemporalUnreachable when none is configured, none runs and none may be started; the
 *   errors of starting one.
 */
export async function resolveServer(options: {
  readonly config: Config;
  readonly log: Logger;
  readonly mayStart: boolean;
  /** Called when a server has been launched, before it answers. */
  readonly whileStarting?: () => Promise<unknown>;
  /** Whether the caller wants the client that an embedded server answered, and will close it. */
  readonly keepsClient?: boolean;
}): Promise<ResolvedServer> {
  const { config, log, mayStart, whileStarting, keepsClient } = options;
  const configured = configuredConnection(config.env);
  if (configured !== null)
    return { settings: withPlace(configured, config), uiUrl: config.webUi, started: false };
  const own = mayStart
    ? await ensureServer({
        dataRoot: config.dataRoot,
        env: config.env,
        log,
        whileStarting,
        keepsClient,
      })
    : await runningServer(config.dataRoot, keepsClient);
  if (own !== null) {
    const namespace = unusedNamespace(config.env);
    if (namespace !== null)
      log.warn(
        `the namespace ${JSON.stringify(namespace)} is not used: it is set without an address (TEMPORAL_ADDRESS), and the data root's own server has only "default"`,
      );
    return { ...own, settings: withPlace(own.settings, config) };
  }
  throw new TemporalUnreachable(
    null,
    `No Temporal server is configured, and none runs for ${config.dataRoot}. Start one with "${workerCommand('all', config)}", or set TEMPORAL_ADDRESS.`,
  );
}

function withPlace(
  settings: ConnectionSettings,
  { dataRoot, queuePrefix }: WorkersPlace,
): ConnectionSettings {
  return { ...settings, place: { dataRoot, queuePrefix } };
}

/** The address of a run in the Web UI; null when it is unknown. */
export function runLink(
  {
    uiUrl,
    settings,
  }: { readonly uiUrl: string | null; readonly settings: Pick<ConnectionSettings, 'namespace'> },
  workflowId: string,
  runId: string,
): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${settings.namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/timeline`;
}
