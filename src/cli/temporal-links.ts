/** How the pages of `serve` refer to the Temporal server that the commands of the user reach. */
import type { Config } from '../config';
import type { TemporalLinks } from '../serve/temporal-links';
import { readServerRecord } from '../server/embedded/server-record';
import { runLink } from '../server/resolve-server';
import type { CommandServer } from '../contract/commands/printed-command';
import { terminalPlace } from './terminal-place';

/** The server is not asked, and need not run. */
export function temporalLinks(config: Config): TemporalLinks {
  const configured = configuredServer(config);
  const uiUrl = (): string | null =>
    configured === null ? (readServerRecord(config.dataRoot)?.uiUrl ?? null) : config.webUi;
  const namespace = configured?.namespace ?? 'default';
  return {
    configured,
    linkOf: (workflowId, executionId) =>
      runLink({ uiUrl: uiUrl(), settings: { namespace } }, workflowId, executionId),
  };
}

/** A server that cannot be used, for example because a key is missing, stops no page. */
function configuredServer(config: Config): CommandServer | null {
  try {
    return terminalPlace(config).configured;
  } catch {
    return { address: '', namespace: 'default' };
  }
}
