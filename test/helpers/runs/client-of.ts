/**
 * A client of the Temporal server that a pipeline uses. It is not in pipeline.ts because loading it
 * takes a second.
 */
import { Client, Connection } from '@temporalio/client';
import type { Pipeline } from './pipeline';

/** The caller must close its connection. */
export async function clientOf(pipeline: Pipeline): Promise<Client> {
  return new Client({
    connection: await Connection.connect({ address: pipeline.server().address }),
    namespace: pipeline.namespace,
  });
}
