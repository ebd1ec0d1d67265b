/** Parses a page of metrics in Prometheus' text format strictly. */

export interface MetricsPage {
  readonly text: string;
  /**
   * The sum over all samples of a name that have these labels.
   *
   * @throws an Error when there is no sample of that name.
   */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/**
 * A sample.
 *
 * @see Prometheus, "Exposition formats", text format 0.0.4
 */
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/gy;

export async function readMetrics(port: number): Promise<MetricsPage> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!answer.ok) throw new Error(`metrics: ${answer.status}`);
  const text = await answer.text();
  const lines = text.split('\n').filter((line) => line !== '' && !/^# (HELP|TYPE) /.test(line));
  const samples = lines.map(sampleOf);
  return {
    text,
    sum: (name, labels = {}) => {
      const named = samples.filter((sample) => sample.name === name);
      if (named.length === 0) throw new Error(`no ${name} in:\n${text}`);
      const wanted = Object.entries(labels);
      return named
        .filter((sample) => wanted.every(([key, value]) => sample.labels.get(key) === value))
        .reduce((total, { value }) => total + value, 0);
    },
  };
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value))) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(LABEL)];
  if (pairs.map(([all]) => all).join('') !== labels) throw new Error(`no labels: ${line}`);
  return {
    name,
    value: Number(value),
    labels: new Map(pairs.map(([, key = '', text = '']) => [key, text])),
  };
}
