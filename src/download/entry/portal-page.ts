/** Recognises pages that may come from the network and not from a host. */
import type { Answer } from '../../http/answer';
import type { FetchFailure } from '../../http/failures/fetch-failure';
import { blockPageKey } from '../hosts/network/block-pages';
import type { Hosts } from '../hosts/hosts';
import type { Requester } from '../hosts/requester';

/** @returns the key of a page that a captive portal may have sent, or null. */
export function portalPageKey(
  failure: FetchFailure,
  { first, host }: Requester,
  answer: Answer | null,
): string | null {
  const location = answer?.location ?? null;
  // The address of a portal itself is usually a private one.
  if (failure.code === 'blocked_address')
    return location === null ? null : `to ${hostOfLocation(location)}`;
  if (failure.body === null) return null;
  const hosts = [first, host].flatMap((one) => (one === null ? [] : [one.name]));
  return blockPageKey(failure.body, { status: answer?.status ?? 0, hosts });
}

/** Waits until it is known whether a page that came instead of an image is the network's. */
export async function isPortalPage(
  hosts: Pick<Hosts, 'isBlockPage'>,
  failure: FetchFailure,
  requester: Requester,
  answer: Answer | null,
): Promise<boolean> {
  if (failure.isTransient) return false;
  const page = portalPageKey(failure, requester, answer);
  return page !== null && hosts.isBlockPage(page);
}

function hostOfLocation(location: string): string {
  return URL.canParse(location) ? new URL(location).host : '';
}
