/** The messages between a process that downloads and the owner of the shared budgets, as NDJSON. */
import { z } from 'zod';

const key = { run: z.string(), host: z.string() };
const retryAfter = { waitMs: z.number(), code: z.enum(['http_429', 'http_503']) };
/** `user` names the batch. `id` is unique within the connection. */
const request = {
  id: z.number(),
  user: z.string(),
  ...key,
  connections: z.number(),
  requestsPerSecond: z.number(),
};

export const toOwner = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('acquire'), ...request }),
  /**
   * A permit that this owner did not grant is in use, because its host has become a shared one or
   * its former owner died.
   */
  z.strictObject({ kind: z.literal('adopt'), ...request, isSent: z.boolean() }),
  z.strictObject({ kind: z.literal('sent'), id: z.number() }),
  z.strictObject({ kind: z.literal('answered'), id: z.number() }),
  /** Also withdraws an `acquire` that was not granted yet. */
  z.strictObject({ kind: z.literal('release'), id: z.number() }),
  z.strictObject({
    kind: z.literal('refused'),
    ...key,
    status: z.number(),
    startedAgoMs: z.number(),
  }),
  z.strictObject({ kind: z.literal('askedToWait'), ...key, ...retryAfter }),
  /**
   * Answers `shared`. `users` are the batches of the process that know the host. `quietMs` is how
   * long the process's own requests, sent before the host was shared, still count in the rate
   * window.
   */
  z.strictObject({
    kind: z.literal('ack'),
    ...key,
    users: z.array(z.string()),
    quietMs: z.number(),
    round: z.number(),
  }),
  z.strictObject({ kind: z.literal('left'), ...key, user: z.string() }),
  z.strictObject({ kind: z.literal('ping') }),
]);

/**
 * `isCrowded` means that several batches use the host, so that none of them may keep an idle
 * connection. `round` is the number of the announcement of the host.
 */
const shared = { ...key, isCrowded: z.boolean(), round: z.number() };

export const fromOwner = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('welcome'), hosts: z.array(z.strictObject(shared)) }),
  /** From now on the owner grants every permit for the host. */
  z.strictObject({ kind: z.literal('shared'), ...shared }),
  z.strictObject({ kind: z.literal('granted'), id: z.number(), isCrowded: z.boolean() }),
  z.strictObject({ kind: z.literal('wait'), ...key, ...retryAfter }),
  z.strictObject({ kind: z.literal('pong') }),
]);

export type ToOwner = z.infer<typeof toOwner>;
export type FromOwner = z.infer<typeof fromOwner>;

/** A host of one run whose budget is shared. */
export interface HostKey {
  readonly run: string;
  readonly host: string;
}

export function textOfKey({ run, host }: HostKey): string {
  return `${run} ${host}`;
}
