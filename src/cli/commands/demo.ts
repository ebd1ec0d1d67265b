/** `demo`: a run over a real catalog, against an origin on loopback. */
import { runDemo } from '../../demo/demo';
import type { ExitCode } from '../exit-codes';

export function demo(options: { readonly data?: string }): Promise<ExitCode> {
  return runDemo(options);
}
