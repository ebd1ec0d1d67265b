/** The workflows, by the names under which users start them. */
export { downloadImages } from './download/download-images';
export { runPipeline } from './run/run-pipeline';
