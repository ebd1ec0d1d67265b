/** Connects this process to the owner of the shared budgets, or makes it the owner when there is none. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { dataRootPaths } from '../../../files/data-root';
import { fromOwner, toOwner, type FromOwner, type ToOwner } from './budget-messages';
import { BudgetOwner, type BudgetOwnerOptions } from './budget-owner';
import { connectMessages, serveMessages, type MessageSocket } from './message-socket';
import { latestMarker, latestNumber, socketName, takeOver, type OwnerMarker } from './owner-marker';
import { openSocketFolder, type SocketFolder } from './socket-folder';

/** The way to the owner, wherever it is. */
export interface OwnerLink {
  /** The number of the owner's marker; 0 without one. */
  readonly number: number;
  send(message: ToOwner): void;
  /** `onLost`: the owner is gone, and what was sent lately may not have arrived. */
  listen(receive: (message: FromOwner) => void, onLost: () => void): void;
  close(): void;
}

/** An owner is stopped, or hangs, when it has not answered so many pings. **Units** pings, ms. */
const MOST_PINGS = 3;
const PING_MS = 1_000;
const WELCOME_MS = MOST_PINGS * PING_MS;

/** How often an owner checks whether another process has taken over. **Units** ms. */
const CHECK_MS = 1_000;

/** Errors of a connection to an owner that has died. */
const DEAD: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE']);

/** Another process is faster to take over at most so often. */
const MOST_ATTEMPTS = 20;

/**
 * `lost`: the number of an owner that does not answer any more; 0 for none.
 *
 * @throws errors of the file system and of sockets: there can be no owner here.
 */
export async function findOwner(root: string, lost: number): Promise<OwnerLink> {
  const folder = openSocketFolder(dataRootPaths(root).lease);
  try {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const marker = latestMarker(root);
      const link =
        (await connectTo(folder, marker, lost)) ?? (await becomeOwner(root, folder, marker));
      if (link !== null) return link;
      await delay(Math.random() * 50);
    }
  } catch (error) {
    folder.close();
    throw error;
  }
  folder.close();
  throw new Error('no process became the owner of the shared budgets');
}

/** @returns null when the owner is dead, or stopped. */
async function connectTo(
  folder: SocketFolder,
  marker: OwnerMarker | null,
  lost: number,
): Promise<OwnerLink | null> {
  if (marker === null || marker.number <= lost || marker.socket === '') return null;
  try {
    const socket = await connectMessages(folder.pathOf(marker.socket));
    return await welcomed(socket, marker.number, () => {
      folder.close();
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && DEAD.has(code)) return null;
    throw error;
  }
}

/** A stopped process's socket can be connected to, but it does not answer. */
function welcomed(
  socket: MessageSocket,
  number: number,
  onClose: () => void,
): Promise<OwnerLink | null> {
  return new Promise((resolve) => {
    const early: FromOwner[] = [];
    let receive = (message: FromOwner): void => {
      early.push(message);
      if (message.kind === 'welcome') resolve(link);
    };
    let onLost: (() => void) | null = null;
    let isClosed = false;
    let unanswered = 0;
    const timeout = setTimeout(() => {
      socket.close();
    }, WELCOME_MS);
    const pings = setInterval(() => {
      // Pings are counted, not time: after a stop of ours the owner is not to blame for the silence.
      if (unanswered >= MOST_PINGS) socket.close();
      unanswered += 1;
      socket.send({ kind: 'ping' } satisfies ToOwner);
    }, PING_MS).unref();
    const link: OwnerLink = {
      number,
      send: (message) => {
        socket.send(message);
      },
      listen: (next, lost) => {
        receive = next;
        for (const message of early.splice(0)) next(message);
        if (isClosed) lost();
        else onLost = lost;
      },
      close: () => {
        onLost = null;
        socket.close();
        onClose();
      },
    };
    socket.listen(
      (message) => {
        clearTimeout(timeout);
        unanswered = 0;
        receive(fromOwner.parse(message));
      },
      () => {
        clearTimeout(timeout);
        clearInterval(pings);
        isClosed = true;
        resolve(null);
        onLost?.();
      },
    );
  });
}

/** @returns null when another process was faster. */
async function becomeOwner(
  root: string,
  folder: SocketFolder,
  after: OwnerMarker | null,
): Promise<OwnerLink | null> {
  const name = socketName();
  let accept = (socket: MessageSocket): void => {
    socket.close();
  };
  const server = await serveMessages(folder.pathOf(name), (socket) => {
    accept(socket);
  });
  const number = takeOver(root, after, name);
  if (number === null) {
    server.close();
    return null;
  }
  if (after !== null) removeSocket(folder, after.socket);
  const link = ownLink(number, { isOwner: () => isLatest(root, number) }, () => {
    server.close();
    folder.close();
  });
  accept = (socket) => {
    serve(link.owner, socket);
  };
  return link;
}

function serve(owner: BudgetOwner, socket: MessageSocket): void {
  const peer = owner.join((message) => {
    socket.send(message);
  });
  socket.listen(
    (message) => {
      peer.receive(toOwner.parse(message));
    },
    () => {
      peer.leave();
    },
  );
}

/** The owner in this process, without a socket between. */
export function ownLink(
  number: number,
  options: BudgetOwnerOptions,
  onClose: () => void = () => undefined,
): OwnerLink & { readonly owner: BudgetOwner } {
  let close = (): void => undefined;
  const owner = new BudgetOwner({
    ...options,
    isOwner: () => {
      const isOwner = options.isOwner();
      if (!isOwner) close();
      return isOwner;
    },
  });
  let receive: ((message: FromOwner) => void) | null = null;
  let onLost: (() => void) | null = null;
  const early: FromOwner[] = [];
  const peer = owner.join((message) => {
    if (receive === null) early.push(message);
    else receive(message);
  });
  const check = setInterval(() => {
    if (!options.isOwner()) close();
  }, CHECK_MS).unref();
  close = () => {
    close = () => undefined;
    clearInterval(check);
    owner.close();
    onClose();
    const lost = onLost;
    onLost = null;
    if (lost !== null) setImmediate(lost);
  };
  return {
    number,
    owner,
    send: (message) => {
      peer.receive(message);
    },
    listen: (next, lost) => {
      receive = next;
      onLost = lost;
      for (const message of early.splice(0)) next(message);
    },
    close: () => {
      onLost = null;
      close();
    },
  };
}

/** When the folder cannot be read, nobody has taken over by means of it. */
function isLatest(root: string, number: number): boolean {
  try {
    return latestNumber(root) === number;
  } catch {
    return true;
  }
}

function removeSocket(folder: SocketFolder, name: string): void {
  if (name === '' || process.platform === 'win32') return;
  try {
    fs.rmSync(folder.pathOf(name), { force: true });
  } catch {
    // It is in nobody's way.
  }
}
