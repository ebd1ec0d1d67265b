/** The expected outcome of a kind of host in a run, and how its name is answered. See hosts.cjs. */
export interface TailHost {
  readonly name: string;
  readonly kind: string;
  /** The code that its images must fail with; null when they are obtainable. */
  readonly code: string | null;
  readonly isRetryable: boolean;
  readonly isNamedAtOnce: boolean;
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
}

export interface TailImage {
  /** The catalog's id. */
  readonly id: string;
  readonly url: string;
  readonly host: TailHost;
}

export const KINDS: Readonly<Record<string, { readonly does: string }>>;

/** Any of the ways in which a downloader may report that the network itself is at fault. */
export const LOST_NETWORK: RegExp;

export function hostsOf(options: {
  readonly count: number;
  readonly mix?: Readonly<Record<string, number>>;
  readonly isOpaque?: boolean;
  readonly hasOwnAddresses?: boolean;
  readonly isHealthy?: boolean;
}): readonly TailHost[];

export function imagesOf(hosts: readonly TailHost[], imagesPerHost: number): readonly TailImage[];
