/**
 * Runs a batch in a network namespace, in which names and public addresses mean what a test
 * defines. Only root on Linux can create one.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { BatchOptions } from '../../../src/download/batch-options';
import type { NameAnswer } from './name-network';

/**
 * `answers` has, by name and type, the list of addresses for the nth query. `addresses` are those
 * of this machine.
 */
export interface Scene {
  readonly answers: Readonly<
    Record<string, { readonly A?: readonly NameAnswer[]; readonly AAAA?: readonly NameAnswer[] }>
  >;
  readonly addresses: readonly string[];
  /** The Location for each path. Every other path is 404. */
  readonly redirects?: Readonly<Record<string, string>>;
  /** True when each answer ends its connection. */
  readonly closes?: boolean;
  /**
   * True when the second request of the first connection gets no answer, and the connection ends
   * after 300 ms.
   */
  readonly hangsUp?: boolean;
}

/**
 * The queries that the name server received, as `name type`, and the addresses to which connections
 * were made, in order.
 */
export interface Seen {
  readonly lookups: readonly string[];
  readonly connections: readonly string[];
}

const SCRIPT = path.join(__dirname, '../../http/own-internet.cjs');

/** Also creates a mount namespace, so that names are resolved by the scene's name server only. */
const IN_NAMESPACE = [
  'mount --bind "$1/resolv.conf" /etc/resolv.conf',
  'mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf',
  'exec "$2" "$3"',
].join(' && ');

/** A CI that cannot create one fails instead of skipping the tests. */
export const canHaveOwnInternet =
  spawnSync('unshare', ['-n', '-m', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
if (!canHaveOwnInternet && process.env.CI !== undefined)
  throw new Error('CI must be able to make a network namespace (root, unshare, ip)');

export function downloadInOwnInternet(
  scene: Scene,
  { dataRoot, input, config }: BatchOptions,
): Seen {
  fs.writeFileSync(path.join(dataRoot, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  fs.writeFileSync(path.join(dataRoot, 'nsswitch.conf'), 'hosts: dns\n');
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-n', '-m', 'sh', '-c', IN_NAMESPACE, 'sh', dataRoot, process.execPath, SCRIPT],
    {
      encoding: 'utf8',
      timeout: 30_000,
      input: JSON.stringify({ redirects: {}, ...scene, dataRoot, input, config }),
    },
  );
  if (stdout === '') throw new Error(`no answer from the namespace: ${stderr}`);
  return JSON.parse(stdout) as Seen;
}
