import { Command, CommanderError } from 'commander';
import { messageOf, UserError } from '../core/errors';
import { version } from '../core/version';
import { addDataCommand } from './data/data';
import { addDetectCommand } from './detect/detect';
import { addPredictCommand } from './detect/predict';
import { addDoctorCommand } from './doctor';
import { addEvaluateCommand } from './evaluate/evaluate';
import { addExportCommand } from './export';
import { addMemoryCommand } from './memory/memory';
import { addRunsCommand } from './runs/runs';
import { addSetupCommand } from './setup';
import { printable } from './terminal/printable';
import { addTrainCommand } from './train/train';
import { addWeightsCommand } from './weights';

/** The `yolov1` program with all its commands. Commander suggests the nearest name for an unknown one. */
export function createProgram(): Command {
  const program = new Command('yolov1')
    .description('YOLOv1: data, training, evaluation and detection.')
    .version(version)
    .showHelpAfterError('(yolov1 --help lists what there is)')
    // Handed down to every command added from here on.
    .exitOverride();
  // A path of no letters would be the working directory.
  program.hook('preAction', (_, command) => {
    const option = command.options.find((one) => command.getOptionValue(one.attributeName()) === '');
    const empty = option?.long ?? (command.args.includes('') ? 'an argument' : undefined);
    if (empty) throw new UserError(`${empty} is empty; give it a value or leave it out`);
  });
  addDataCommand(program);
  addDetectCommand(program);
  addDoctorCommand(program);
  addEvaluateCommand(program);
  addExportCommand(program);
  addMemoryCommand(program);
  addPredictCommand(program);
  addRunsCommand(program);
  addSetupCommand(program);
  addTrainCommand(program);
  addWeightsCommand(program);
  return program;
}

/**
 * Runs the program. A user's mistake is one line on stderr and exit status 1; a bug of ours shows its stack.
 *
 * @param args - What follows the program's name.
 */
export async function main(args: readonly string[]): Promise<void> {
  // A pager or `head` that closes early is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`yolov1: the output can't be written (${messageOf(error)}); check space\n`);
      process.exitCode = 1;
    }
    process.exit();
  });
  // Nobody reads what is said any more: no reason to end a training.
  process.stderr.on('error', () => undefined);
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // It has printed its help or its complaint.
      process.exitCode = thrown.exitCode;
      return;
    }
    process.stderr.write(
      thrown instanceof UserError
        ? `yolov1: ${printable(messageOf(thrown))}\n`
        : `yolov1: unexpected error, please report it\n${thrown instanceof Error ? thrown.stack : String(thrown)}\n`,
    );
    process.exitCode = 1;
  }
}
