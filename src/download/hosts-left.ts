/** What a batch hands on of its hosts, and which of them the lane waits for. */
import {
  NETWORK,
  type HostMemories,
  type HostMemory,
  type HostPause,
  type OutageMemory,
} from '../contract/payloads';
import type { BatchHost } from './batch-hosts';
import type { OutageWatch } from './outage-watch';

/** Memories go along when downloads continue as new, those of a thousand lanes in one payload. **Units** characters of JSON. */
const MOST_REMEMBERED = 600;

/** **Shape** `pause`: the host that may be asked again first; null: none is waited for. */
export interface HostsLeft {
  readonly memories: HostMemories;
  readonly pause: HostPause | null;
  /** Hosts that do not fit into the memories are left alone by a pause of the whole lane, also when others could go on. */
  readonly mustPause: boolean;
}

export function hostsLeft(
  before: HostMemories,
  hosts: readonly BatchHost[],
  { network, isLaneSeen }: { readonly network: OutageWatch; readonly isLaneSeen: boolean },
): HostsLeft {
  const all = new Map(Object.entries(before));
  all.delete(NETWORK);
  for (const one of hosts) {
    all.delete(one.host);
    const memory = memoryLeft(one);
    // All of its images have failed by now.
    const isPast = isLaneSeen && memory.outage?.isExhausted === true;
    if (!isPast && Object.keys(memory).length > 0) all.set(one.host, memory);
  }
  const outage = suspicionOf(network);
  const { kept, dropped } = fitting([...all]);
  const forgottenMs = Math.max(0, ...dropped.map(([, memory]) => waitOf(memory)));
  const pause = firstOf(pauseOfNetwork(network), hosts.map(pauseOf));
  return {
    memories: Object.fromEntries([
      ...(outage === null ? [] : [[NETWORK, { outage }] as const]),
      ...kept,
    ]),
    pause: pause === null ? null : { ...pause, waitMs: Math.max(pause.waitMs, forgottenMs) },
    mustPause: forgottenMs > 0,
  };
}

type Named = readonly [host: string, memory: HostMemory];

/** What must not be forgotten comes first. */
function fitting(all: readonly Named[]): { kept: readonly Named[]; dropped: readonly Named[] } {
  const sorted = [...all].sort(([, a], [, b]) => weight(b) - weight(a));
  let characters = 0;
  const count = sorted.findIndex((named) => {
    characters += JSON.stringify(named).length;
    return characters > MOST_REMEMBERED;
  });
  const most = count < 0 ? sorted.length : Math.max(1, count);
  return { kept: sorted.slice(0, most), dropped: sorted.slice(most) };
}

function weight({ asked, outage }: HostMemory): number {
  if (outage?.isExhausted === true) return 3;
  if (outage !== undefined && outage.pauses > 0) return 2;
  return asked === undefined ? 0 : 1;
}

function waitOf({ asked, outage }: HostMemory): number {
  return Math.max(asked?.waitMs ?? 0, outage?.waitMs ?? 0);
}

function memoryLeft({ gate, rate, outages }: BatchHost): HostMemory {
  const asked = gate.memory();
  const outage = outages.memory();
  return {
    ...(asked === null ? {} : { asked }),
    ...(outage === null ? {} : { outage }),
    ...(rate.isBelowBudget() ? { rate: Math.round(rate.now() * 100) / 100 } : {}),
  };
}

function pauseOf({ host, gate, outages }: BatchHost): HostPause | null {
  const asked = gate.memory();
  const outage = outages.memory();
  const outageMs = outages.pauseMs();
  const askedMs = gate.opensInMs();
  if (outage !== null && outageMs > askedMs)
    return { host, waitMs: Math.round(outageMs), code: outage.code, why: 'outage' };
  if (asked === null || askedMs === 0 || gate.isExhausted()) return null;
  return { host, waitMs: Math.round(askedMs), code: asked.code, why: 'asked' };
}

/** Null while it works: which hosts were not reached goes with the batch, and one that is counted again is no second one. */
function suspicionOf(network: OutageWatch): OutageMemory | null {
  const memory = network.memory();
  return network.isDown() || memory?.isExhausted === true ? memory : null;
}

function pauseOfNetwork(network: OutageWatch): HostPause | null {
  const memory = network.memory();
  if (memory === null || network.pauseMs() === 0) return null;
  const waitMs = Math.round(network.pauseMs());
  return { host: NETWORK, waitMs, code: memory.code, why: 'network' };
}

/** While the network is gone no host can be asked. */
function firstOf(
  network: HostPause | null,
  hosts: readonly (HostPause | null)[],
): HostPause | null {
  return (
    network ??
    hosts.reduce(
      (first, pause) =>
        pause !== null && (first === null || pause.waitMs < first.waitMs) ? pause : first,
      null,
    )
  );
}
