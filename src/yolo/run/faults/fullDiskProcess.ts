import { runOnFullDisk } from './fullDisk';
import { assertSurvived } from './survival';

// Started on a file system of its own, whose folder is given.
void runOnFullDisk(process.argv[2], true).then((tally) => {
  process.stdout.write(`${tally}\n`);
  assertSurvived(tally);
});
