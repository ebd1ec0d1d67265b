/**
 * Commands that users copy from a terminal, the Web UI or a log. Each names the data root and the
 * server that it needs, because it is pasted into a shell that may know neither.
 */
import { DEFAULT_QUEUE_PREFIX, type QueueName } from '../task-queues';
import { shellWord } from './shell-word';

/** The address that Temporal's own CLI uses when it is given none. */
const DEFAULT_ADDRESS = /^(127\.0\.0\.1|localhost):7233$/;
const DEFAULT_NAMESPACE = 'default';

/** Addresses of the machine on which they are used. */
const LOOPBACK = /^(127(\.\d+){3}|localhost|\[?::1\]?):\d+$/;

/** A Temporal server, as the CLI's options name it. */
export interface CommandServer {
  /** Empty when the CLI finds the server by its own settings. */
  readonly address: string;
  readonly namespace: string;
}

/** What a pasted command must reach. */
export interface CommandPlace {
  /** An absolute path. */
  readonly dataRoot: string;
  readonly queuePrefix: string;
  readonly server: CommandServer;
}

/** A command of this program. `dataRoot` is null when it is not known. */
export function artemisCommand(words: string, dataRoot: string | null): string {
  return `artemis-pipeline ${words}${dataRoot === null ? '' : ` --data ${shellWord(dataRoot)}`}`;
}

/** The option that names a collection, after a blank; nothing for the unnamed collection. */
export function collectionOption(name: string | null | undefined): string {
  return name == null ? '' : ` --collection ${shellWord(name)}`;
}

/** The command that shows a run, by its workflow id. */
export function statusCommand(workflowId: string, dataRoot: string | null): string {
  const word = shellWord(workflowId);
  if (!workflowId.startsWith('-')) return artemisCommand(`status ${word}`, dataRoot);
  // Elsewhere the command would take it for an option.
  return `${artemisCommand('status', dataRoot)} -- ${word}`;
}

/** What a command that starts workers needs. */
export interface WorkersPlace {
  readonly dataRoot: string | null;
  readonly queuePrefix: string;
}

/** The command that starts the workers of one queue, or the server and all workers. */
export function workerCommand(
  queue: QueueName | 'all',
  { dataRoot, queuePrefix }: WorkersPlace,
): string {
  const setting =
    queuePrefix === DEFAULT_QUEUE_PREFIX ? '' : `ARTEMIS_QUEUE_PREFIX=${shellWord(queuePrefix)} `;
  const words = queue === 'all' ? 'up' : `worker --queues ${queue}`;
  return `${setting}${artemisCommand(words, dataRoot)}`;
}

/** The command that starts the server and all workers. Without a place it is that of a default. */
export function upCommand(place: WorkersPlace | undefined): string {
  return workerCommand('all', place ?? { dataRoot: null, queuePrefix: DEFAULT_QUEUE_PREFIX });
}

/** The options that Temporal's CLI needs to reach a server. There are none for its defaults. */
export function serverOptions({ address, namespace }: CommandServer): readonly string[] {
  return [
    ...(address === '' || DEFAULT_ADDRESS.test(address) ? [] : [`--address ${shellWord(address)}`]),
    ...(namespace === DEFAULT_NAMESPACE ? [] : [`--namespace ${shellWord(namespace)}`]),
  ];
}

/**
 * A server as a worker's texts name it. An address that is not a loopback address is left out,
 * because it may mean nothing on another machine. Users of such a server have its address, its keys
 * and its TLS settings in their environment or a profile.
 */
export function serverForOthers({ address, namespace }: CommandServer): CommandServer {
  return { address: LOOPBACK.test(address) ? address : '', namespace };
}

/** A command of Temporal's own CLI. `server` is null while it is not known. */
export function temporalCommand(words: string, server: CommandServer | null): string {
  return [`temporal ${words}`, ...(server === null ? [] : serverOptions(server))].join(' ');
}

/** What the commands that a terminal shows must reach. */
export interface TerminalPlace {
  readonly dataRoot: string;
  readonly queuePrefix: string;
  /** Null for the data root's own server. */
  readonly configured: CommandServer | null;
}

/**
 * A command of Temporal's CLI that is started through ours, which finds the data root's own server
 * at whatever address it listens.
 */
export function ourTemporalCommand(
  words: string,
  { dataRoot, configured }: Pick<TerminalPlace, 'dataRoot' | 'configured'>,
): string {
  if (configured === null) return artemisCommand(`temporal ${words}`, dataRoot);
  return configuredTemporalCommand(words, configured);
}

/** The same where a server is configured, so that no data root is needed to find it. */
export function configuredTemporalCommand(words: string, server: CommandServer): string {
  return ['artemis-pipeline temporal', words, ...serverOptions(server)].join(' ');
}
