/**
 * Why a permit was not granted. Each class determines what happens to the entry that asked for it.
 */
import type { ImageCode } from '../../contract/outcome';

/** This batch sends no more requests to the host: the entry is left for the lane's next batch. */
export class HostDeferred extends Error {
  override readonly name = 'HostDeferred';
}

/**
 * The host or the network went down while the caller waited for the permit. The caller must ask for
 * another one.
 */
export class PermitWithdrawn extends Error {
  override readonly name = 'PermitWithdrawn';
}

/**
 * The host is given up for this run. Its remaining images fail without a request, and a later run
 * tries them again.
 */
export class HostGivenUp extends Error {
  override readonly name = 'HostGivenUp';

  constructor(
    readonly code: ImageCode,
    message: string,
  ) {
    super(message);
  }
}

/** `refusal` is how the host refuses everything; null when it is down. */
export function givenUpHost(when: string, code: ImageCode, refusal: string | null): HostGivenUp {
  const reason = refusal === null ? `nothing but ${code}` : `it refuses everything: ${refusal}`;
  return new HostGivenUp(code, `the host was given up ${when}: ${reason}`);
}
