/**
 * Opens a connection to a proxy. The address comes from the worker's settings, so it is trusted.
 */
import net from 'node:net';
import tls from 'node:tls';
import { bareHost, portOf } from '../host-and-port';
import { whenAborted } from '../when-aborted';
import type { Proxy } from './choose-proxy';

export interface ConnectLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** @throws the system's error; an error after the time limit; the signal's reason. */
export function connectToProxy(
  { url }: Proxy,
  { timeoutMs, signal }: ConnectLimits,
): Promise<net.Socket> {
  const [host, port] = [bareHost(url), portOf(url)];
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const servername = net.isIP(host) === 0 ? host : '';
    const socket = isSecure
      ? tls.connect({ host, port, servername })
      : net.connect({ host, port, autoSelectFamily: true });
    const fail = (reason: unknown): void => {
      stop();
      socket.destroy();
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    const timer = setTimeout(() => {
      fail(new Error(`no connection within ${timeoutMs / 1_000} s`));
    }, timeoutMs);
    const stopListening = whenAborted(signal, fail);
    const stop = (): void => {
      clearTimeout(timer);
      stopListening();
    };
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      stop();
      resolve(socket);
    });
    // The listener stays, because a connection that is passed on may still report an error.
    socket.on('error', fail);
  });
}
