/**
 * Group commit: requests of many callers are made durable by one flush.
 *
 * Members gather while the previous group is being flushed, so a slow disk gets larger groups
 * instead of a longer queue. When the gathering group is full, its flush starts although another
 * one is in progress. Besides these two, only one group gathers. A caller that finds it full waits,
 * so a slow disk does not increase memory use.
 *
 * @see docs/decisions/0047-group-commit.md
 */

/**
 * The number of flushes in progress. While the names of one group are made durable, the bytes of
 * the next one can be.
 */
export const MAX_FLUSHES = 2;

/**
 * Limits of one group. A single member may exceed `maxNames` and `maxBytes`; it then forms a group
 * of its own.
 */
export interface GroupLimits {
  /** Number of file names in one group. */
  readonly maxNames: number;
  readonly maxBytes: number;
  /**
   * How long a group waits for further members, in ms, while no flush is in progress and no member
   * is urgent.
   */
  readonly gatherMs: number;
}

export interface Weight {
  readonly names: number;
  readonly bytes: number;
}

export interface GroupCommitOptions<Member, Result> {
  readonly limits: GroupLimits;
  readonly weigh: (member: Member) => Weight;
  /**
   * Makes a whole group durable. At most {@link MAX_FLUSHES} calls are in progress.
   *
   * @returns the result for each member, in the order of the members.
   * @throws when any member failed. Then no member of the group counts as durable.
   */
  readonly flush: (members: readonly Member[]) => Promise<readonly Result[]>;
}

/** A member that a group has accepted. */
export interface Joined<Result> {
  /**
   * Settles when the group was flushed.
   *
   * @throws the error of the flush, for every member of the group.
   */
  readonly durable: Promise<Result>;
}

export interface Urgency {
  /** The group does not wait for further members. */
  readonly isUrgent: boolean;
}

export interface GroupCommit<Member, Result> {
  /** Resolves when a group has accepted the member. */
  readonly join: (member: Member, urgency: Urgency) => Promise<Joined<Result>>;
  /** Flushes the gathering group as soon as no flush is in progress. */
  readonly flushSoon: () => void;
}

interface Entry<Member, Result> {
  readonly member: Member;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The group that gathers members. Mutable. */
interface Group<Member, Result> {
  readonly entries: Entry<Member, Result>[];
  names: number;
  bytes: number;
  isUrgent: boolean;
  timer: NodeJS.Timeout | null;
}

export function createGroupCommit<Member, Result>(
  options: GroupCommitOptions<Member, Result>,
): GroupCommit<Member, Result> {
  const queue = new GroupQueue(options);
  return {
    join: (member, urgency) => queue.join(member, urgency),
    flushSoon: () => {
      queue.flushSoon();
    },
  };
}

class GroupQueue<Member, Result> {
  private readonly waiting: (() => void)[] = [];
  private group = emptyGroup<Member, Result>();
  private flushCount = 0;

  constructor(private readonly options: GroupCommitOptions<Member, Result>) {}

  join(member: Member, { isUrgent }: Urgency): Promise<Joined<Result>> {
    const weight = this.options.weigh(member);
    return new Promise((resolve) => {
      const admit = (): void => {
        if (this.waiting.length > 0 || !this.hasRoom(weight)) this.waiting.push(admit);
        else {
          resolve(this.addMember(member, weight));
          this.group.isUrgent ||= isUrgent;
        }
        this.startFlushIfDue();
      };
      admit();
    });
  }

  flushSoon(): void {
    this.group.isUrgent = true;
    this.startFlushIfDue();
  }

  private hasRoom({ names, bytes }: Weight): boolean {
    const { limits } = this.options;
    const { group } = this;
    return (
      group.entries.length === 0 ||
      (group.names + names <= limits.maxNames && group.bytes + bytes <= limits.maxBytes)
    );
  }

  private startFlushIfDue(): void {
    const { group, waiting } = this;
    const { gatherMs, maxNames, maxBytes } = this.options.limits;
    if (this.flushCount >= MAX_FLUSHES || group.entries.length === 0) return;
    const isFull = waiting.length > 0 || group.names >= maxNames || group.bytes >= maxBytes;
    if (this.flushCount > 0 && !isFull) return;
    if (group.isUrgent || isFull) this.startFlush();
    else
      group.timer ??= setTimeout(() => {
        this.flushSoon();
      }, gatherMs);
  }

  private startFlush(): void {
    const { entries, timer } = this.group;
    if (timer !== null) clearTimeout(timer);
    this.group = emptyGroup();
    this.flushCount += 1;
    void flushEntries(this.options, entries).then(() => {
      this.flushCount -= 1;
      this.startFlushIfDue();
    });
    // Each waiting caller joins the new group, or waits again.
    for (const admit of this.waiting.splice(0)) admit();
  }

  private addMember(member: Member, weight: Weight): Joined<Result> {
    const { group } = this;
    group.names += weight.names;
    group.bytes += weight.bytes;
    const durable = new Promise<Result>((resolve, reject) => {
      group.entries.push({ member, resolve, reject });
    });
    // The caller awaits it later. Until then a rejection must not count as unhandled.
    durable.catch(() => undefined);
    return { durable };
  }
}

function emptyGroup<Member, Result>(): Group<Member, Result> {
  return { entries: [], names: 0, bytes: 0, isUrgent: false, timer: null };
}

async function flushEntries<Member, Result>(
  { flush }: GroupCommitOptions<Member, Result>,
  entries: readonly Entry<Member, Result>[],
): Promise<void> {
  try {
    const results = await flush(entries.map(({ member }) => member));
    for (const [index, { resolve }] of entries.entries()) resolve(results[index] as Result);
  } catch (error) {
    for (const { reject } of entries) reject(error);
  }
}
