/**
 * Starts a long-tail world in a network and mount namespace of its own. Only root on Linux can make
 * one.
 */
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const WORLD = path.join(__dirname, 'world.cjs');

/**
 * Loopback, and one more interface whose packets nobody takes: the far end of the cable has no
 * addresses, and without ARP the kernel never learns that. Connections to those networks are
 * therefore dropped, as behind many firewalls. `$1` is a folder.
 */
const PREPARE = [
  'mount --bind "$1/resolv.conf" /etc/resolv.conf',
  'mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf',
  'ip link set lo up',
  'ip link add hole type veth peer name hole-end',
  'ip link set hole-end arp off up',
  'ip link set hole arp off up',
  'ip addr add 93.184.0.1/16 dev hole',
  'ip -6 addr add 2606:2800:220:2::1/64 dev hole nodad',
  'ip -6 route add local 2606:2800:220:1::/64 dev lo',
].join(' && ');

/** Entering a mount namespace changes the working directory back to the root. */
const IN_FOLDER = 'cd "$0" && exec "$@"';

/** True when this process can make such a namespace. */
function canMakeWorld() {
  const probe = 'ip link set lo up && ip link add hole type veth peer name hole-end';
  return spawnSync('unshare', ['-n', '-m', 'sh', '-c', probe]).status === 0;
}

/**
 * Starts a world and waits until it serves.
 *
 * @param options.folder - Where its resolv.conf and nsswitch.conf are written.
 * @param options.hosts - As `hostsOf` lists them (hosts.cjs).
 * @param options.gapSeconds - From when until when `comeback` and `lull` are away, in seconds since
 *   the world's first query.
 * @param options.dnsMs - Time to answer of the name server, in ms.
 */
async function startWorld({ folder, hosts, gapSeconds = [0, 12], dnsMs = 10 }) {
  fs.writeFileSync(
    path.join(folder, 'resolv.conf'),
    'nameserver 127.0.0.1\noptions timeout:5 attempts:2\n',
  );
  fs.writeFileSync(path.join(folder, 'nsswitch.conf'), 'hosts: files dns\n');
  const words = [
    '-n',
    '-m',
    'sh',
    '-c',
    `${PREPARE} && exec "$2" "$3"`,
    'sh',
    folder,
    process.execPath,
    WORLD,
  ];
  const child = spawn('unshare', words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the long-tail world ended early (${code ?? signal})`);
  });
  ended.catch(() => undefined);
  const answer = async () => {
    const [message] = await Promise.race([once(child, 'message'), ended]);
    return message;
  };
  child.send({ hosts, gapSeconds, dnsMs });
  await answer();
  return {
    pid: child.pid,
    within: (workingFolder) => [
      ...['nsenter', '-t', String(child.pid), '-n', '-m'],
      ...['sh', '-c', IN_FOLDER, workingFolder],
    ],
    stats: () => {
      child.send({ question: 'stats' });
      return answer();
    },
    setPortal: (mode) => {
      child.send({ portal: mode });
      return answer();
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

module.exports = { canMakeWorld, startWorld };
