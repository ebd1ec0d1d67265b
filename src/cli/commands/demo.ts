/** `demo`. */
import { EXIT, type ExitCode } from '../exit-codes';

export function demo(_options: { readonly data?: string }): Promise<ExitCode> {
  return Promise.resolve(EXIT.fine);
}
