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
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const lacking = SEARCH_ATTRIBUTES.filter(({ name }) => !(name in customAttributes));
    if (lacking.length === 0) return;
    const searchAttributes = Object.fromEntries(
      lacking.map(({ name, type }) => [name, TYPES[type] ?? 0]),
    );
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    log.info(
      { reason: String(error) },
      'the server does not let us register search attributes; runs work without them',
    );
  }
}
