import type { Call, Failure, FaultyFiles } from './faultyFiles';
import type { TinyRun } from './tinyRun';

/** What calls that take bytes fail with; the others, with one of the first three in turn. */
const FAILURES = ['EIO', 'ENOSPC', 'EACCES', 'short'] as const;

/** One call of a session, by its place among all, and what it fails with. */
export interface WayToFail {
  call: Call;
  index: number;
  failure: Failure;
}

/**
 * Every way in which a session's calls of the file system can fail, in the order of the calls. Of calls that repeat one
 * on the same file (the writes of many tensors) the first and the last count.
 *
 * @param start - Makes the place that the session starts from.
 * @param counts - Which calls are meant.
 */
export async function waysToFail(
  tiny: TinyRun,
  faulty: FaultyFiles,
  start: (place: string) => Promise<void>,
  counts: (call: Call) => boolean,
): Promise<WayToFail[]> {
  await start('noted');
  faulty.watch(tiny.place('noted').root);
  await tiny.run('noted');
  faulty.rest();
  await tiny.remove('noted');
  return faulty.calls.flatMap((call, index) => {
    const [before, next] = [faulty.calls[index - 1], faulty.calls[index + 1]];
    const isEnd = [before, next].some((other) => other?.name !== call.name || other.path !== call.path);
    if (!isEnd || !counts(call)) return [];
    const failures = call.writes ? FAILURES : [FAILURES[index % 3]];
    return failures.map((failure) => ({ call, index, failure }));
  });
}
