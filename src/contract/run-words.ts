/** A run's fixed summary and details for Temporal's lists and pages, made from its input: by `run`, and for the download child. */
import { cut, inline, page, table } from './markdown';
import { STEP_NAMES } from './run-input';

/** As the user gave it or with its defaults: what is not there is not told. */
type Input = object;

/** The server's limit for a summary is 400 bytes. **Source** Temporal, limit.userMetadataSummarySize. */
const SUMMARY_BYTES = 300;

/** Hosts whose budgets are listed. */
const MOST_HOSTS = 20;

/** One line. */
export function staticSummary(input: Input): string {
  const { catalog, select, limit, only, steps } = fieldsOf(input);
  const parts = [
    `images of ${inline(text(catalog), 120)}`,
    select === undefined || select === 'pending' ? null : `select ${inline(text(select))}`,
    typeof limit === 'number' ? `the first ${limit}` : null,
    typeof only === 'string' ? `only ${inline(only, 60)}` : null,
    Array.isArray(steps) && steps.length < STEP_NAMES.length
      ? `steps ${inline(steps.join(', '))}`
      : null,
  ];
  return cut(parts.filter((part) => part !== null).join(' · '), SUMMARY_BYTES);
}

/** Two tables: what is downloaded, and what each host is given. */
export function staticDetails(input: Input): string {
  const { hosts, ...fields } = fieldsOf(input);
  const rows = Object.entries(fields)
    .map(([name, value]) => [inline(name), inline(text(value), 200)])
    .filter(([, value]) => value !== '');
  return page([table(['input', 'value'], rows), hostTable(hosts)]);
}

function hostTable(hosts: unknown): string | null {
  if (typeof hosts !== 'object' || hosts === null) return null;
  const all = Object.entries(hosts);
  const rows = all.slice(0, MOST_HOSTS).map(([host, budget]) => {
    const { connections, requestsPerSecond } = fieldsOf(budget as object);
    return [inline(host, 100), text(connections), text(requestsPerSecond)];
  });
  if (all.length > MOST_HOSTS) rows.push([`and ${all.length - MOST_HOSTS} more`, '', '']);
  return table(['host', 'connections', 'requests per second'], rows);
}

function fieldsOf(input: Input): Readonly<Record<string, unknown>> {
  return { ...input };
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(text).join(', ');
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${text(field)}`);
  return fields.join(', ');
}
