/** The workflows of another build: none of ours among them. */
export function runPipelineOfOld(): Promise<string> {
  return Promise.resolve('done');
}
