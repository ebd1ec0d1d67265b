/** The workflows under the names by which users start them. */
export { computeFeatures } from './features/compute-features';
export { downloadImages } from './download/download-images';
export { runPipeline } from './run/run-pipeline';
