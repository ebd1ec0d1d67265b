import { StepError } from '../../contract/errors';

/**
 * The error for a catalog that cannot be read as it is. `problem` is the predicate of a sentence.
 */
export function unusableCatalog(name: string, problem: string): StepError {
  return new StepError('catalog_format', `The catalog ${name} ${problem}.`);
}
