import { resolve } from 'node:path';
import { Argument, type Command, InvalidArgumentError } from 'commander';
import { weightsDestination } from '../fetch/destination';
import { fetchResnet18 } from '../fetch/fetchResnet18';
import { interruptible } from './terminal/interruptible';
import { transferProgress } from './terminal/transferProgress';

/** Adds `yolov1 weights`: `fetch` brings pre-trained weights. */
export function addWeightsCommand(program: Command): void {
  const weights = program.command('weights').description('pre-trained weights');
  weights
    .command('fetch')
    .description('download and verify ImageNet weights; resumes, and overwrites nothing')
    .addArgument(new Argument('<network>', 'of which network').choices(['resnet18']))
    .option('--to <folder>', 'folder of weights (default: where they are looked for)')
    .option('--url <address>', 'another address of the file')
    .option('--sha256 <hash>', 'the hash that the file must have', parseSha256)
    .action(async (_network: string, options: { to?: string; url?: string; sha256?: string }) => {
      const to = resolve(options.to ?? weightsDestination());
      await interruptible(async (signal) => {
        const { path, fetched } = await fetchResnet18({
          ...options,
          to,
          signal,
          progress: transferProgress(),
        });
        const found = weightsDestination() === to;
        weights
          .configureOutput()
          .writeOut?.(
            `${path} ${fetched ? 'is fetched and verified' : 'is there and whole, nothing to do'}\n` +
              (found ? '' : `To use it: set YOLOV1_WEIGHTS=${to}\n`),
          );
      });
    });
}

function parseSha256(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('expected 64 hexadecimal digits.');
  return text.toLowerCase();
}
