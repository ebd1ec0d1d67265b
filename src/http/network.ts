/**
 * What all requests of this process share: the name resolver with its cache, and the number of
 * sockets.
 */
import { createOpenSockets, type OpenSockets } from './connect/open-sockets';
import { createNameResolver, type NameResolver } from './names/name-resolver';

export interface Network {
  readonly resolver: NameResolver;
  readonly sockets: OpenSockets;
}

let network: Network | null = null;

/** Created when it is first needed. */
export function processNetwork(): Network {
  network ??= { resolver: createNameResolver(), sockets: createOpenSockets() };
  return network;
}
