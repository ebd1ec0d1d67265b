/**
 * A machine with a network of its own, and hosts at the far end of a cable that can be cut. Only
 * root on Linux can create them.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { picture } from '../images/images';

const SCRIPT = path.join(__dirname, 'hosts-beyond.cjs');

/** Public addresses, in two namespaces without a connection to the outside. */
const MACHINE = '93.184.216.1';
const NAME_SERVER = '93.184.216.2';
const addressOf = (index: number): string => `93.184.216.${10 + index}`;

/** Names are resolved by this network's name server only. `$1` is a folder. */
const HOLD_MACHINE = [
  'mount --bind "$1/resolv.conf" /etc/resolv.conf',
  'mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf',
  'ip link set lo up',
  'echo ready',
  'exec sleep infinity',
].join(' && ');

/** Entering a mount namespace resets the current folder. */
const IN_FOLDER = 'cd "$0" && exec "$@"';

/**
 * With `at the machine`, the system reports at once that there is no route. With `beyond it`,
 * nothing arrives, and nothing reports why.
 */
export type Cut = 'at the machine' | 'beyond it';

export class OwnNetwork {
  /** The URLs of all requests, in order. */
  readonly requests: string[] = [];

  private constructor(
    private readonly machine: ChildProcess,
    private readonly beyond: ChildProcess,
  ) {}

  /**
   * Starts the network. `folder` is for its files. Each host answers with a JPEG after
   * `answersAfterMs` milliseconds.
   */
  static async start(
    folder: string,
    hosts: readonly string[],
    answersAfterMs: number,
  ): Promise<OwnNetwork> {
    fs.writeFileSync(
      path.join(folder, 'resolv.conf'),
      `nameserver ${NAME_SERVER}\noptions timeout:1 attempts:1\n`,
    );
    fs.writeFileSync(path.join(folder, 'nsswitch.conf'), 'hosts: dns\n');
    const machine = spawn('unshare', ['-n', '-m', 'sh', '-c', HOLD_MACHINE, 'sh', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const beyond = spawn('unshare', ['-n', process.execPath, SCRIPT], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const network = new OwnNetwork(machine, beyond);
    await once(machine.stdout, 'data');
    network.layCable(hosts.length);
    beyond.send({
      ...{ nameServer: NAME_SERVER, answersAfterMs },
      hosts: Object.fromEntries(hosts.map((host, index) => [host, addressOf(index)])),
      image: (await picture('jpeg')).toString('base64'),
    });
    await once(beyond, 'message');
    beyond.on('message', ({ url }: { url: string }) => network.requests.push(url));
    return network;
  }

  /** The words before a command that runs on the machine, in `folder`. */
  within(folder: string): readonly string[] {
    const pid = String(this.machine.pid);
    return ['nsenter', '-t', pid, '-n', '-m', 'sh', '-c', IN_FOLDER, folder];
  }

  pull(cut: Cut): void {
    this.set(cut, 'down');
  }

  plug(cut: Cut): void {
    this.set(cut, 'up');
  }

  async stop(): Promise<void> {
    for (const child of [this.machine, this.beyond]) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  }

  private set(cut: Cut, state: 'up' | 'down'): void {
    if (cut === 'at the machine') at(this.machine, 'ip', 'link', 'set', 'cable', state);
    else at(this.beyond, 'ip', 'link', 'set', 'cable', state);
  }

  private layCable(hosts: number): void {
    const [here, there] = [this.machine, this.beyond].map(({ pid }) => String(pid));
    const end = (pid = ''): readonly string[] => ['name', 'cable', 'netns', pid];
    execFileSync('ip', ['link', 'add', ...end(here), 'type', 'veth', 'peer', ...end(there)]);
    const addresses = Array.from({ length: hosts }, (_none, index) => addressOf(index));
    for (const [child, all] of [
      [this.machine, [MACHINE]],
      [this.beyond, [NAME_SERVER, ...addresses]],
    ] as const) {
      for (const address of all) at(child, 'ip', 'addr', 'add', `${address}/24`, 'dev', 'cable');
      at(child, 'ip', 'link', 'set', 'cable', 'up');
    }
  }
}

/** Runs a command in the network of a process. */
function at(child: ChildProcess, ...words: readonly string[]): void {
  execFileSync('nsenter', ['-t', String(child.pid), '-n', ...words]);
}
