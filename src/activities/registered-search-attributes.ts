/** Which of our search attributes a server knows: upserting another one fails the workflow task for ever. */
import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/operator';

/**
 * Names of ours that are registered in the client's namespace; none where the server does not list them. The client
 * retries transient errors itself; `onUnknown` receives the error with which it gave up.
 */
export async function registeredSearchAttributes(
  client: Client,
  onUnknown: (error: unknown) => void,
): Promise<readonly string[]> {
  try {
    const known = await client.connection.operatorService.listSearchAttributes({
      namespace: client.options.namespace,
    });
    return SEARCH_ATTRIBUTES.map((key) => key.name).filter(
      (name) => name in known.customAttributes,
    );
  } catch (error) {
    onUnknown(error);
    // A server that refuses to list them (a cluster's operator API may be closed) is served without.
    return [];
  }
}
