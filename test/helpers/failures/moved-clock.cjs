/**
 * Loaded into a worker (NODE_OPTIONS). Each SIGUSR2 advances its clock by CLOCK_MOVE_MS. Timers are
 * not affected, as when the clock of a machine is set.
 */
'use strict';
const RealDate = Date;
let moved = 0;
process.on('SIGUSR2', () => (moved += Number(process.env.CLOCK_MOVE_MS)));
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + moved);
    else super(...parts);
  }
  static now() {
    return RealDate.now() + moved;
  }
};
