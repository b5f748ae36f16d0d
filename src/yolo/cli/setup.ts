import { type Command, Option } from 'commander';
import { readEnvironment } from '../core/environment';
import { messageOf, UserError } from '../core/errors';
import { setUpNative } from '../tensor/native/setup';
import type { Runtime } from '../tensor/native/wheel';
import { stepsOn } from './terminal/steps';

/** Adds `yolov1 setup`: native TensorFlow, fetched and built. */
export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description('fetch and build the native TensorFlow runtime (what is there is kept)')
    .addOption(
      new Option('--runtime <name>', 'default: cuda with an NVIDIA GPU, else cpu').choices(['cpu', 'cuda']),
    )
    .option('--force', 'make everything again')
    .option('--optional', 'where it cannot be set up, say so and succeed: wasm is used')
    .action(async (options: { runtime?: Runtime; force?: boolean; optional?: boolean }) => {
      if (options.optional && readEnvironment().backend === 'wasm') {
        process.stdout.write('YOLOV1_BACKEND=wasm: native TensorFlow is left as it is.\n');
        return;
      }
      const steps = stepsOn();
      try {
        const result = await setUpNative({
          ...(options.runtime ? { runtime: options.runtime } : {}),
          force: options.force ?? false,
          progress: steps,
        });
        steps.end();
        process.stdout.write(
          `Native TensorFlow (${result.runtime}) ${result.changed ? 'is set up' : 'is in place'} in ${result.folder}\n`,
        );
      } catch (error) {
        steps.end();
        if (!(options.optional && error instanceof UserError)) throw error;
        process.stderr.write(`yolov1: the slower wasm backend will be used: ${messageOf(error)}\n`);
      }
    });
}
