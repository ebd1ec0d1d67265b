/** Makes the server know our search attributes, where we may. */
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Logger } from 'pino';
import { SEARCH_ATTRIBUTES } from '../contract/operator';

const { IndexedValueType } = temporal.api.enums.v1;
const TYPES: Readonly<Record<string, temporal.api.enums.v1.IndexedValueType>> = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
};

/** Adds those that are lacking; where that is refused, runs work without them. **Errors** none. */
export async function registerSearchAttributes(client: Client, log: Logger): Promise<void> {
  const { namespace } = client.options;
  const refusals: string[] = [];
  const told = (error: unknown): void => {
    refusals.push(String(error).split('\n')[0] ?? '');
  };
  const lacking = await lackingAttributes(client).catch(told);
  // One by one: a namespace that is full of keywords may have room for numbers.
  for (const { name, type } of lacking ?? []) {
    const searchAttributes = { [name]: TYPES[type] ?? 0 };
    const { operatorService } = client.connection;
    await operatorService.addSearchAttributes({ namespace, searchAttributes }).catch(told);
  }
  if (refusals.length > 0)
    log.info(
      { reasons: [...new Set(refusals)] },
      'the server does not let us register all search attributes; runs work without them',
    );
}

async function lackingAttributes(client: Client): Promise<readonly SearchAttribute[]> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return SEARCH_ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
}

type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];
