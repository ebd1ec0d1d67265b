/** Finds the package that executes ONNX models. It is optional: users install the one they want. */
import { createRequire } from 'node:module';
import { StepError } from '../contract/errors';
import { packageFile } from '../files/process/built-file';

/** In the order of preference: the second one is WebAssembly, and about seven times slower. */
export const RUNTIMES = ['onnxruntime-node', 'onnxruntime-web'] as const;

export interface FoundRuntime {
  readonly name: (typeof RUNTIMES)[number];
  /** Absolute path of the module to load. */
  readonly module: string;
}

/**
 * Searches the dependencies of this program, and the folders of NODE_PATH, and loads nothing.
 *
 * Uses `require`, which the import rules do not see: an optional package cannot be a dependency.
 *
 * @param from the file whose dependencies are searched.
 * @throws StepError `input` that says what to install.
 */
export function findRuntime(from = packageFile('package.json')): FoundRuntime {
  const { resolve } = createRequire(from);
  for (const name of RUNTIMES) {
    try {
      return { name, module: resolve(name) };
    } catch {
      // The other one may be installed.
    }
  }
  throw new StepError(
    'input',
    'The step embeddings needs a package that executes ONNX models, and none is installed. Install one beside artemis-pipeline with "npm install --no-save --ignore-scripts onnxruntime-node@1" (native, 290 MB), or onnxruntime-web in its place (slower, no native parts), or anywhere, naming that node_modules folder in NODE_PATH. Nothing was downloaded. To go on without embeddings, leave the step out.',
  );
}
