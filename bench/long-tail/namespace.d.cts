import type { TailHost } from './hosts.cjs';

/**
 * The observations of the world about one host. `arrivals` are the times of its requests, in ms
 * since the epoch.
 */
export interface SeenHost {
  readonly name: string;
  readonly kind: string;
  /** By type (`A`, `AAAA`, `other`), and `<type> over TCP`. */
  readonly queries: Readonly<Record<string, number>>;
  readonly connections: number;
  readonly requests: number;
  readonly mostInOneSecond: number;
  readonly arrivals: readonly number[];
}

export interface WorldStats {
  readonly requests: number;
  readonly dnsQueries: number;
  readonly mostAQueriesOfOneName: number;
  readonly mostAaaaQueriesOfOneName: number;
  readonly hosts: readonly SeenHost[];
}

export interface World {
  readonly pid: number;
  /** The words before a command that runs inside of the world, in `folder`. */
  within(folder: string): readonly string[];
  stats(): Promise<WorldStats>;
  setPortal(mode: 'page' | 'redirect' | null): Promise<WorldStats>;
  stop(): Promise<void>;
}

export function canMakeWorld(): boolean;

export function startWorld(options: {
  readonly folder: string;
  readonly hosts: readonly TailHost[];
  readonly gapSeconds?: readonly [number, number];
  readonly dnsMs?: number;
}): Promise<World>;
