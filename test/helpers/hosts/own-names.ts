/**
 * Names that mean what a test says, for processes that share this machine's network: a name server
 * on a loopback address of its own, and a command that makes it the only one. Only root on Linux
 * can do that.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Zone } from './name-network';
import { startNameServer } from './name-server.cjs';
import { canHaveOwnInternet } from './own-internet';

export interface OwnNames {
  /** The words before a command that is to know the names. */
  readonly behind: readonly string[];
  close(): void;
}

const IN_NAMESPACE = [
  'mount --bind "$0/resolv.conf" /etc/resolv.conf',
  'mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf',
  'exec "$@"',
].join(' && ');

/** If a namespace cannot be created, no name of the zone is known. */
export async function startOwnNames(zone: Zone): Promise<OwnNames> {
  if (!canHaveOwnInternet) return { behind: [], close: () => undefined };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-own-names-'));
  // Test files run at the same time, each in a process of its own.
  const address = `127.53.${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
  fs.writeFileSync(path.join(folder, 'resolv.conf'), `nameserver ${address}\n`);
  fs.writeFileSync(path.join(folder, 'nsswitch.conf'), 'hosts: files dns\n');
  const counts = new Map<string, number>();
  const stop = await startNameServer(address, (name, type) => {
    const key = `${name} ${String(type)}`;
    const nth = counts.get(key) ?? 0;
    counts.set(key, nth + 1);
    const known = zone[name];
    if (known === undefined) return null;
    const answers = (type === undefined ? undefined : known[type]) ?? [[]];
    return answers[Math.min(nth, answers.length - 1)] ?? null;
  });
  return {
    behind: ['unshare', '-m', 'sh', '-c', IN_NAMESPACE, folder],
    close: () => {
      stop();
      fs.rmSync(folder, { recursive: true });
    },
  };
}
