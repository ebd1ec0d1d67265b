/**
 * A process with a network, name servers and system files of its own, in which names are resolved
 * and connections are opened by the built program. Only root on Linux can make one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Pair } from '../cluster/certificates';

/**
 * Addresses; null for a name that does not exist; or an answer with its particulars
 * (name-server.cjs).
 */
export type NameAnswer =
  | readonly string[]
  | null
  | {
      readonly addresses?: readonly string[];
      /** In seconds. */
      readonly ttl?: number;
      readonly rcode?: number;
      readonly cname?: string;
      readonly delayMs?: number;
      readonly isSilent?: boolean;
      readonly isTruncated?: boolean;
    };

/** By name and type: the nth answer for the nth query, the last one for all that follow. */
export type Zone = Readonly<
  Record<string, { readonly A?: readonly NameAnswer[]; readonly AAAA?: readonly NameAnswer[] }>
>;

export interface NameQuery {
  readonly server: string;
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly transport: 'udp' | 'tcp';
}

interface Failure {
  readonly code?: string;
  readonly message?: string;
  readonly isUnreachable?: boolean;
  readonly resolverUnreachable?: boolean;
  readonly noRoute?: boolean;
}

export interface Resolved extends Failure {
  readonly addresses?: readonly { readonly address: string; readonly judgedAs: string }[];
  readonly ms: number;
}

export interface Connected extends Failure {
  readonly remoteAddress?: string;
  readonly alpnProtocol?: string | false;
  readonly ms: number;
}

export interface NameNetworkOptions {
  /** Name servers that run. Default: one, on 127.0.0.1. */
  readonly servers?: readonly string[];
  /** Name servers that run and never answer. */
  readonly silentServers?: readonly string[];
  readonly resolvConf?: string;
  readonly hosts?: string;
  readonly nsswitch?: string;
  /** Addresses of this machine, besides loopback. */
  readonly addresses?: readonly string[];
  /** Options of the resolver. */
  readonly options?: { readonly lookupLimitMs?: number; readonly ownChannels?: number };
  /** The time limit of the connector. */
  readonly timeoutMs?: number;
  readonly allowPrivateHosts?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const SCRIPT = path.join(__dirname, 'name-process.cjs');
const FILES = ['resolv.conf', 'hosts', 'nsswitch.conf'] as const;
const IN_NAMESPACE = [
  ...FILES.map((file) => `mount --bind "$1/${file}" /etc/${file}`),
  'exec "$2" "$3"',
].join(' && ');

export class NameNetwork {
  private nextId = 0;

  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {
    child.setMaxListeners(0);
  }

  static async start(options: NameNetworkOptions = {}): Promise<NameNetwork> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-names-'));
    const {
      servers = ['127.0.0.1'],
      resolvConf = 'nameserver 127.0.0.1\n',
      hosts = '',
      nsswitch = 'hosts: files dns\n',
    } = options;
    for (const [index, text] of [resolvConf, hosts, nsswitch].entries())
      fs.writeFileSync(path.join(folder, FILES[index] ?? ''), text);
    const words = ['-n', '-m', 'sh', '-c', IN_NAMESPACE, 'sh', folder, process.execPath, SCRIPT];
    const child = spawn('unshare', words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...options.environment },
    });
    const network = new NameNetwork(folder, child);
    await network.call('start', {
      servers,
      silentServers: options.silentServers ?? [],
      addresses: options.addresses ?? [],
      options: options.options ?? {},
      policy: {
        allowPrivateHosts: options.allowPrivateHosts ?? [],
        allowedPorts: [80, 443],
      },
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    });
    return network;
  }

  /** Replaces the answers of the name servers, and forgets the queries so far. */
  serve(records: Zone): Promise<unknown> {
    return this.call('serve', { records });
  }

  /** The queries as `name type`, in order; only those for `name` if it is given. */
  async asked(name?: string): Promise<readonly string[]> {
    const queries = await this.queries();
    return queries
      .filter((query) => name === undefined || query.name === name)
      .map((query) => `${query.name} ${query.type}`);
  }

  queries(): Promise<readonly NameQuery[]> {
    return this.call('queries');
  }

  resolve(name: string): Promise<Resolved> {
    return this.call('resolve', { name });
  }

  /** Resolves all names at the same time. */
  resolveAll(names: readonly string[]): Promise<readonly Resolved[]> {
    return this.call('resolveAll', { names });
  }

  listen(address: string, port = 80, certificate?: Pair): Promise<unknown> {
    return this.call('listen', { address, port, certificate });
  }

  unlisten(address: string): Promise<unknown> {
    return this.call('unlisten', { address });
  }

  /** Connections to the address are accepted after about a second (`ms` below 1,000), or never. */
  listenSlowly(address: string, ms: number | 'for ever'): Promise<unknown> {
    return this.call('listenSlowly', {
      address,
      port: 80,
      ms: ms === 'for ever' ? 'Infinity' : ms,
    });
  }

  connect(url: string): Promise<Connected> {
    return this.call('connect', { url });
  }

  /** Addresses at which connections were accepted since the last call. */
  connections(): Promise<readonly string[]> {
    return this.call('connections');
  }

  descriptors(): Promise<number> {
    return this.call('descriptors');
  }

  children(): Promise<number> {
    return this.call('children');
  }

  write(file: (typeof FILES)[number], text: string): void {
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
    fs.rmSync(this.folder, { recursive: true });
  }

  private call<T>(call: string, given: object = {}): Promise<T> {
    this.nextId += 1;
    const id = this.nextId;
    return new Promise((resolve, reject) => {
      const listen = (message: { readonly id: number; readonly answer: T }): void => {
        if (message.id !== id) return;
        this.child.off('message', listen).off('exit', fail);
        resolve(message.answer);
      };
      const fail = (): void => {
        reject(new Error(`the process ended during ${call}`));
      };
      this.child.on('message', listen).once('exit', fail);
      this.child.send({ id, call, ...given });
    });
  }
}
