/** Why a permit was not given: each says what becomes of the entry that asked for it. */
import type { ImageCode } from '../../contract/outcome';

/** The host is not asked in this batch any more: the entry is left for the lane's next batch. */
export class HostDeferred extends Error {
  override readonly name = 'HostDeferred';
}

/** The host, or the network, went down while the permit was waited for: ask for another one. */
export class PermitWithdrawn extends Error {
  override readonly name = 'PermitWithdrawn';
}

/** The host is given up for this run: its remaining images fail without a request, and a later run asks again. */
export class HostGivenUp extends Error {
  override readonly name = 'HostGivenUp';

  constructor(
    readonly code: ImageCode,
    message: string,
  ) {
    super(message);
  }
}
