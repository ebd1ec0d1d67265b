/** Waits that end after a time, or earlier when the state on which they depend has changed. */
export class Wakeups {
  private readonly wakeups = new Set<() => void>();

  /** Waits for this time in milliseconds, or until {@link Wakeups.wakeAll}. */
  wait(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.wakeups.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.wakeups.add(wake);
    });
  }

  /** Ends all waits that have begun. */
  wakeAll(): void {
    for (const wake of [...this.wakeups]) wake();
  }
}
