import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { NotebookError } from '../../errors';

/** The page's own script, from the project's root. */
const PROGRAM = 'report/try/main.js';

/** TensorFlow.js comes in files of its own: its modules are what those have put on the page. */
const GLOBALS: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs': 'tf',
  '@tensorflow/tfjs-backend-wasm': 'tf.wasm',
};

const onThePage: Plugin = {
  name: 'on-the-page',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\// }, ({ path }) => ({ path, namespace: 'on-the-page' }));
    onLoad({ filter: /./, namespace: 'on-the-page' }, ({ path }) => ({
      contents: `module.exports = ${GLOBALS[path] ?? `{}; throw new Error('${path} is not on the page')`};`,
    }));
  },
};

/**
 * The script of the page with the detector, with the library's own code in it: what decodes and suppresses boxes there
 * is what does so everywhere.
 *
 * @throws NotebookError with file and line for a script that can't be put together.
 */
export async function bundleProgram(root: string): Promise<string> {
  const library = dirname(require.resolve('yolov1/package.json'));
  try {
    const { outputFiles } = await build({
      entryPoints: [join(root, PROGRAM)],
      bundle: true,
      write: false,
      minify: true,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'silent',
      alias: { 'yolov1/browser': join(library, 'browser/main.ts') },
      plugins: [onThePage],
    });
    return outputFiles[0].text;
  } catch (error) {
    throw new NotebookError(`${PROGRAM}: ${(error as Error).message.replace(/\s*\n\s*/g, ' ')}`);
  }
}
