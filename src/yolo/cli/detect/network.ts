import { join } from 'node:path';
import { UserError } from '../../core/errors';
import type { Devkit } from '../../data/devkit';
import { startDecoding } from '../../data/input/inputPool';
import { loadDetector } from '../../detect/detectorFolder';
import { SHIPPED, shippedDetector } from '../../detect/shippedDetector';
import type { TrainedDetector } from '../../detect/trainedDetector';
import { printable } from '../terminal/printable';

/** Help of an option that may be left out. */
export const RUN_HELP = `folder of a finished run, such as runs/my-run (default: the package's own detector, ${SHIPPED})`;

/** A network and what it is called. */
export interface Network {
  readonly detector: TrainedDetector;
  /** The folder that was given, or the name of the package's own. */
  readonly name: string;
}

/**
 * The network of a run; without one that of the package, which a line on stderr says. Threads that decode pictures
 * start meanwhile.
 *
 * @throws {@link UserError} if there is none, or it is damaged.
 */
export async function networkOf(run: string | undefined): Promise<Network> {
  startDecoding();
  if (run !== undefined) return { detector: await loadDetector(run), name: run };
  const folder = shippedDetector();
  const detector = await loadDetector(folder);
  const classes = detector.classes.length;
  process.stderr.write(
    `yolov1: no --run given, so with the package's own detector ${SHIPPED} of ${classes} classes; about it: ${printable(join(folder, 'README.md'))}\n`,
  );
  return { detector, name: SHIPPED };
}

/**
 * A folder that names its classes must name the network's, in any order; one that names none can be of any.
 *
 * @throws {@link UserError} if it names others.
 */
export function requireClasses(
  { folder, classes, namesClasses }: Devkit,
  known: readonly string[],
  network: string,
): void {
  const sorted = (names: readonly string[]) => [...names].sort().join('\n');
  if (!namesClasses || sorted(classes) === sorted(known)) return;
  throw new UserError(
    `${folder}: its classes (${classes.join(', ')}) are not those that ${network} was trained on (${known.join(', ')}); give data of the same classes`,
  );
}
