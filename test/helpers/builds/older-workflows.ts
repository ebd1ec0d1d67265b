/** The workflows of another build, which has none of this build's workflows. */
export function runPipelineOfOld(): Promise<string> {
  return Promise.resolve('done');
}
