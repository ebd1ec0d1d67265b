/** The command that asks again for what failed for good can be pasted. */
import { againCommand } from '../../../src/cli/run/again-command';

const request = { workflowId: 'tate', input: { catalog: 'catalogs/my works.csv', select: 'all' } };

describe('the command that asks again for what failed for good', () => {
  it('names the catalog in the data root, the run, and the data root', () => {
    expect(againCommand(request, '/data')).toBe(
      "artemis-pipeline run '/data/catalogs/my works.csv' --workflow-id tate --select failed --data /data",
    );
  });

  it('has all other fields of the input', () => {
    const input = { ...request.input, many: true, columns: { url: "artist's" } };
    expect(againCommand({ ...request, input }, '/data')).toContain(
      `--select failed --input '{"many":true,"columns":{"url":"artist'\\''s"}}' --data /data`,
    );
  });

  it('downloads also after a run whose steps did not', () => {
    const steps = (...names: readonly string[]) =>
      againCommand({ ...request, input: { ...request.input, steps: names } }, '/data');
    expect(steps('aggregates', 'publish')).toBe(againCommand(request, '/data'));
    expect(steps('download', 'features')).toContain('{"steps":["download","features"]}');
  });

  it('is none for a run that was given its images', () => {
    const input = { ...request.input, only: 'ids.txt' };
    expect(againCommand({ ...request, input }, '/data')).toBeNull();
  });
});
