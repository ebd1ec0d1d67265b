/**
 * Starts a server for each case of the table, so that each case has a host of its own and does not
 * affect the others.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createAuthority } from '../helpers/cluster/certificates';
import { reply, startLyingServer, type LyingServer } from '../helpers/hosts/lying-server';
import { startOwnNames } from '../helpers/hosts/own-names';
import { OWN_NAMES, PUBLIC, ZONE } from './address-cases';
import { idOf, type FaultCase, type Listener, type Place } from './fault-case';
import type { SampleImages } from './sample-images';
import { makeSecureListeners, type SecureListeners } from './secure-listeners';

/** An image to download, as a catalog lists it. */
export interface Wanted {
  readonly id: string;
  readonly url: string;
}

/**
 * A case with its server, its image, and two good images of the same server. If that server serves
 * nothing, the good images come from another one.
 */
export interface StartedCase {
  readonly fault: FaultCase;
  readonly server: LyingServer;
  readonly image: Wanted;
  readonly neighbours: readonly [Wanted, Wanted];
}

export interface FaultServers {
  readonly cases: readonly StartedCase[];
  /** A good image of a host without faults. */
  readonly newImage: (id: string) => Wanted;
  /** The proxy that a client would use if it obeyed HTTP_PROXY. */
  readonly proxy: LyingServer;
  /** Settings of the worker. */
  readonly settings: Readonly<Record<string, string>>;
  /** Words before the command of the worker, so that it knows the names of the table. */
  readonly behind: readonly string[];
  /** The environment of the worker's process. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Listeners that good images can come from. */
const SERVING: ReadonlySet<Listener> = new Set<Listener>([
  'http',
  'tls',
  'whole chain',
  'ipv6',
  'public',
]);

export async function startFaultServers(
  faults: readonly FaultCase[],
  images: SampleImages,
): Promise<FaultServers> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'artemis-certificates-'));
  const authority = createAuthority(folder, 'ca');
  const names = await startOwnNames(ZONE);
  const secureListeners = makeSecureListeners(authority, folder);
  const started: LyingServer[] = [];
  const start = async (listener: Listener): Promise<LyingServer> => {
    const server = await startListener(listener, secureListeners);
    started.push(server);
    images.neighbours.forEach((body, index) => {
      server.answer(`/${index}`, reply('200 OK', {}, body));
    });
    return server;
  };
  const [plain, secure, proxy] = [await start('http'), await start('tls'), await start('http')];
  const cases: StartedCase[] = [];
  for (const fault of faults) {
    const server = await start(fault.listener ?? 'http');
    const place = { port: server.port, tlsPort: secure.port, plainPort: plain.port };
    if (fault.serve !== undefined) server.answer('/case', fault.serve(images, place));
    for (const [at, answer] of Object.entries(fault.others?.(images) ?? {}))
      server.answer(at, answer);
    cases.push({ fault, server, image: imageOf(fault, place), ...neighboursOf(fault, place) });
  }
  // These ports are freed last, because a free port is given to the next server.
  const unheard = cases.filter(({ fault }) => fault.listener === 'nobody');
  await Promise.all(unheard.map(({ server }) => server.close()));
  return {
    cases,
    newImage: (id) => ({ id, url: `${originOf('http', plain.port)}/0?${encodeURIComponent(id)}` }),
    proxy,
    settings: settingsFor(started.map(({ port }) => port)),
    behind: names.behind,
    environment: { NODE_EXTRA_CA_CERTS: authority.cert },
    close: async () => {
      names.close();
      await Promise.all(started.map((server) => server.close().catch(() => undefined)));
      fs.rmSync(folder, { recursive: true });
    },
  };
}

async function startListener(
  listener: Listener,
  secureListeners: SecureListeners,
): Promise<LyingServer> {
  switch (listener) {
    case 'http':
      return startLyingServer();
    case 'public':
      return startLyingServer({ listen: PUBLIC.address });
    case 'ipv6':
      return startLyingServer({ listen: '::1' });
    case 'mute':
      return startLyingServer({ isMute: true });
    case 'nobody':
      return startLyingServer();
    default:
      return startLyingServer(secureListeners[listener]);
  }
}

/** The scheme and address under which a listener is found. */
function originOf(listener: Listener, port: number): string {
  if (listener === 'ipv6') return `http://six.such:${port}`;
  if (listener === 'public') return `http://${PUBLIC.address}:${port}`;
  const isPlain = listener === 'http' || listener === 'nobody';
  return `${isPlain ? 'http' : 'https'}://127.0.0.1:${port}`;
}

function imageOf(fault: FaultCase, place: Place): Wanted {
  const url = fault.url?.(place) ?? `${originOf(fault.listener ?? 'http', place.port)}/case`;
  return { id: idOf(fault), url };
}

function neighboursOf(fault: FaultCase, place: Place): Pick<StartedCase, 'neighbours'> {
  const listener = fault.listener ?? 'http';
  const origin = SERVING.has(listener)
    ? originOf(listener, place.port)
    : originOf('http', place.plainPort);
  const one = (index: number): Wanted => ({
    id: `${fault.row} ${fault.what}: neighbour ${index}`,
    url: `${origin}/${index}?${place.port}`,
  });
  return { neighbours: [one(0), one(1)] };
}

function settingsFor(ports: readonly number[]): Readonly<Record<string, string>> {
  const named = ports.flatMap((port) => [
    `127.0.0.1:${port}`,
    ...OWN_NAMES.map((name) => `${name}:${port}`),
  ]);
  const elsewhere = ['no.such', 'failing.such', PUBLIC.network];
  return {
    ARTEMIS_ALLOW_PRIVATE_HOSTS: [...named, ...elsewhere].join(','),
    ARTEMIS_ALLOWED_PORTS: ['80', '443', ...ports].join(','),
    // The time for an image depends on the load of the machine.
    ARTEMIS_MAX_SECONDS_PER_FILE: '60',
    ARTEMIS_MAX_BYTES_PER_FILE: '2000000',
    ARTEMIS_MIN_FREE_BYTES: '0',
  };
}
