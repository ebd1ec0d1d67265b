/** Which of the pending activities is in the way, and whether it is running. */
import { temporal } from '@temporalio/proto';
import { pendingFacts, pendingInTheWay, type Pending } from '../../src/obstacles/pending-facts';

const { STARTED, PAUSED, PAUSE_REQUESTED, SCHEDULED } = {
  STARTED: temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
  PAUSED: temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED,
  PAUSE_REQUESTED:
    temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
  SCHEDULED: temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
};
const at = Date.parse('2026-01-01T00:00:00Z');
const time = (ms: number): NonNullable<Pending['lastHeartbeatTime']> =>
  ({ seconds: ms / 1_000, nanos: 0 }) as never;

function batch(activityId: string, further: Partial<Pending>): Pending {
  return {
    activityId,
    activityType: { name: 'downloadBatch' },
    state: STARTED,
    lastStartedTime: time(at),
    lastHeartbeatTime: time(at + 60_000),
    activityOptions: { heartbeatTimeout: time(15_000), startToCloseTimeout: time(600_000) },
    ...further,
  };
}
const requested = { state: PAUSE_REQUESTED, paused: true };
const paused = { state: PAUSED, paused: true };

describe('pendingInTheWay', () => {
  const chosen = (...all: readonly Pending[]): unknown =>
    pendingInTheWay(all, 'downloadBatch', at + 61_000)?.activityId;

  it('selects a paused activity, whatever the others do', () => {
    const others = [batch('l1.1', {}), batch('l2.2', { state: SCHEDULED })];
    expect(chosen(...others, batch('l3.3', paused))).toBe('l3.3');
  });

  it('selects a running activity that was asked to pause only as a running one, and none of another type', () => {
    const other = { ...batch('recover', paused), activityType: { name: 'commitLedgers' } };
    const waiting = batch('l1.1', { state: SCHEDULED });
    expect(chosen(other, waiting, batch('l2.2', requested))).toBe('l2.2');
    expect(chosen(other, waiting)).toBe('l1.1');
    expect(chosen(other)).toBeUndefined();
  });
});

describe('an activity that was asked to pause', () => {
  const isStarted = (further: Partial<Pending>, now: number): boolean =>
    pendingFacts(batch('l1.1', { ...requested, ...further }), 'tate-download', now).isStarted;

  it('is running while its attempt sends heartbeats', () => {
    expect(isStarted({}, at + 74_000)).toBe(true);
  });

  it('is paused when its attempt has sent no heartbeat for longer than its timeout', () => {
    expect(isStarted({}, at + 77_000)).toBe(false);
    expect(isStarted({ lastHeartbeatTime: null }, at + 17_000)).toBe(false);
  });

  it('is running until its time is up when it needs no heartbeat', () => {
    const activityOptions = { startToCloseTimeout: time(60_000) };
    const further = { lastHeartbeatTime: null, activityOptions };
    expect(isStarted(further, at + 59_000)).toBe(true);
    expect(isStarted(further, at + 62_000)).toBe(false);
  });
});
