/** Loaded into a worker (NODE_OPTIONS): each SIGUSR2 moves its clock on by CLOCK_MOVE_MS; timers go on as they were, as with the machine's. */
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
