/**
 * The fixed summary and details of a run and of its download child, which Temporal shows in lists
 * and on pages. `run` makes them from the run's input.
 */
import { cut, inline, page, table } from './markdown';
import { DEFAULT_STEPS } from './run-input';

/** The input as the user gave it, or with its defaults. Fields that are absent are not shown. */
type Input = object;

/**
 * The most bytes of the summary. The server's own limit is 400 bytes.
 *
 * @see Temporal's limit.userMetadataSummarySize
 */
const SUMMARY_BYTES = 300;

/** The most hosts whose budgets are listed. */
const MOST_HOSTS = 20;

/** The summary: one line. */
export function staticSummary(input: Input): string {
  const { catalog, select, limit, only, steps } = asRecord(input);
  const parts = [
    `images of ${inline(valueText(catalog), 120)}`,
    select === undefined || select === 'pending' ? null : `select ${inline(valueText(select))}`,
    typeof limit === 'number' ? `the first ${limit}` : null,
    typeof only === 'string' ? `only ${inline(only, 60)}` : null,
    Array.isArray(steps) && steps.join() !== DEFAULT_STEPS.join()
      ? `steps ${inline(steps.join(', '))}`
      : null,
  ];
  return cut(parts.filter((part) => part !== null).join(' · '), SUMMARY_BYTES);
}

/** The details: a table of the input, and a table of the hosts' budgets. */
export function staticDetails(input: Input): string {
  const { hosts, ...fields } = asRecord(input);
  const rows = Object.entries(fields)
    .map(([name, value]) => [inline(name), inline(valueText(value), 200)])
    .filter(([, value]) => value !== '');
  return page([table(['input', 'value'], rows), hostTable(hosts)]);
}

function hostTable(hosts: unknown): string | null {
  if (typeof hosts !== 'object' || hosts === null) return null;
  const all = Object.entries(hosts);
  const rows = all.slice(0, MOST_HOSTS).map(([host, budget]) => {
    const { connections, requestsPerSecond } = asRecord(budget as object);
    return [inline(host, 100), valueText(connections), valueText(requestsPerSecond)];
  });
  if (all.length > MOST_HOSTS) rows.push([`and ${all.length - MOST_HOSTS} more`, '', '']);
  return table(['host', 'connections', 'requests per second'], rows);
}

function asRecord(input: Input): Readonly<Record<string, unknown>> {
  return { ...input };
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${valueText(field)}`);
  return fields.join(', ');
}
