/**
 * Group commit: what many callers want to have made durable is made durable together.
 *
 * Members gather while the group before them is flushed, so a slow disk gets larger groups instead of a longer queue. Beside the group
 * that is being flushed one group gathers; a caller that finds it full waits, so memory does not grow with the disk's slowness.
 *
 * @see docs/decisions/0047-group-commit.md
 */

/** Limits of one group. A single member may exceed `mostNames` and `mostBytes`: it is then a group of its own. */
export interface GroupLimits {
  /** File names that a group gives. */
  readonly mostNames: number;
  readonly mostBytes: number;
  /** How long a group waits for further members while no flush is under way and no member is urgent. **Units** ms. */
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
   * Makes a whole group durable.
   *
   * @returns what became of each member, in their order. @throws when any of them failed: then none of them counts.
   */
  readonly flush: (members: readonly Member[]) => Promise<readonly Result[]>;
}

/** A member that belongs to a group. */
export interface Joined<Result> {
  /** Settles when the group was flushed. @throws what the flush threw, for every member of the group. */
  readonly durable: Promise<Result>;
}

export interface GroupCommit<Member, Result> {
  /** Resolves when a group has taken the member. `isUrgent`: its group does not wait for others. */
  readonly join: (member: Member, isUrgent: boolean) => Promise<Joined<Result>>;
  /** The group that gathers is flushed as soon as the disk is free. */
  readonly hurry: () => void;
}

interface Entry<Member, Result> {
  readonly member: Member;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Mutable: the members that gather. */
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
  const groups = new Groups(options);
  return {
    join: (member, isUrgent) => groups.join(member, isUrgent),
    hurry: () => {
      groups.hurry();
    },
  };
}

class Groups<Member, Result> {
  private readonly waiting: (() => void)[] = [];
  private group = emptyGroup<Member, Result>();
  private isFlushing = false;

  constructor(private readonly options: GroupCommitOptions<Member, Result>) {}

  join(member: Member, isUrgent: boolean): Promise<Joined<Result>> {
    const weight = this.options.weigh(member);
    return new Promise((resolve) => {
      const admit = (): void => {
        if (this.waiting.length > 0 || !this.hasRoom(weight)) this.waiting.push(admit);
        else {
          resolve(this.add(member, weight));
          this.group.isUrgent ||= isUrgent;
        }
        this.startIfDue();
      };
      admit();
    });
  }

  hurry(): void {
    this.group.isUrgent = true;
    this.startIfDue();
  }

  private hasRoom({ names, bytes }: Weight): boolean {
    const { limits } = this.options;
    const { group } = this;
    return (
      group.entries.length === 0 ||
      (group.names + names <= limits.mostNames && group.bytes + bytes <= limits.mostBytes)
    );
  }

  private startIfDue(): void {
    const { group, waiting } = this;
    const { gatherMs, mostNames, mostBytes } = this.options.limits;
    if (this.isFlushing || group.entries.length === 0) return;
    const isFull = waiting.length > 0 || group.names >= mostNames || group.bytes >= mostBytes;
    if (group.isUrgent || isFull) this.start();
    else
      group.timer ??= setTimeout(() => {
        this.hurry();
      }, gatherMs);
  }

  private start(): void {
    const { entries, timer } = this.group;
    if (timer !== null) clearTimeout(timer);
    this.group = emptyGroup();
    this.isFlushing = true;
    void flushEntries(this.options, entries).then(() => {
      this.isFlushing = false;
      this.startIfDue();
    });
    // Each one joins the new group, or waits again.
    for (const admit of this.waiting.splice(0)) admit();
  }

  private add(member: Member, weight: Weight): Joined<Result> {
    const { group } = this;
    group.names += weight.names;
    group.bytes += weight.bytes;
    const durable = new Promise<Result>((resolve, reject) => {
      group.entries.push({ member, resolve, reject });
    });
    // The caller looks at it later.
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
    for (const [nth, { resolve }] of entries.entries()) resolve(results[nth] as Result);
  } catch (error) {
    for (const { reject } of entries) reject(error);
  }
}
