/** One check of `verify` and its result. */

/**
 * A check as in `verify --json`. `checked` is the number of things that were checked, and
 * `problems` the number of those that are wrong.
 */
export interface Check {
  readonly id: string;
  readonly ok: boolean;
  readonly checked: number;
  readonly problems: number;
  /** The first few problems, for users. */
  readonly examples: readonly string[];
}

export const MOST_EXAMPLES = 10;

/** Collects the problems that one check finds. */
export class Finding {
  private checked = 0;
  private problems = 0;
  private readonly examples: string[] = [];

  constructor(private readonly id: string) {}

  count(things = 1): void {
    this.checked += things;
  }

  problem(text: string, things = 1): void {
    this.problems += things;
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(text);
  }

  /** Adds many problems at once: their number and the first of them. */
  addProblems(problems: number, examples: readonly string[]): void {
    this.problems += problems;
    this.examples.push(...examples.slice(0, MOST_EXAMPLES - this.examples.length));
  }

  check(): Check {
    const { id, checked, problems, examples } = this;
    return { id, ok: problems === 0, checked, problems, examples };
  }
}
