/** Registers this program's search attributes with the server if it allows that. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Logger } from 'pino';
import { SEARCH_ATTRIBUTES } from '../contract/operator';

const { IndexedValueType } = temporal.api.enums.v1;
const TYPES: Readonly<Record<string, temporal.api.enums.v1.IndexedValueType>> = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
};

/**
 * Adds the search attributes that are missing. Runs also work on a server that refuses one. Never
 * throws.
 */
export async function registerSearchAttributes(client: Client, log: Logger): Promise<void> {
  const { namespace } = client.options;
  const refusals: string[] = [];
  const addRefusal = (error: unknown): void => {
    refusals.push(String(error).split('\n')[0] ?? '');
  };
  const missing = await missingAttributes(client).catch(addRefusal);
  // They are added one by one, because a namespace that has no room for another keyword may have
  // room for numbers.
  for (const { name, type } of missing ?? []) {
    const searchAttributes = { [name]: TYPES[type] ?? 0 };
    const { operatorService } = client.connection;
    await operatorService.addSearchAttributes({ namespace, searchAttributes }).catch(addRefusal);
  }
  if (refusals.length > 0)
    log.info(
      { reasons: [...new Set(refusals)] },
      'the server does not let us register all search attributes; runs work without them',
    );
}

async function missingAttributes(client: Client): Promise<readonly SearchAttribute[]> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return SEARCH_ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
}

type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
