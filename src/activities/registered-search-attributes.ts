/**
 * Which of this program's search attributes a server has registered. Upserting any other one fails
 * the workflow task for ever.
 */
import type { Client } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/operator';

/**
 * The names that are registered in the client's namespace; none if the server does not list them.
 * The client retries transient errors itself; `onUnknown` receives the error with which it gave up.
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
    // Works without search attributes if the server refuses to list them, as a cluster with a
    // closed operator API does.
    return [];
  }
}
