/** The workflows, by the names under which users start them. */
export { downloadImages } from './download-images';
export { runPipeline } from './run-pipeline';
