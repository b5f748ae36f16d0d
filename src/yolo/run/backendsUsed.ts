import type { BackendInfo } from '../tensor/backend';
import { describeBackend } from '../tensor/describeBackend';

/**
 * What computed a run, each once, now that one more sitting begins. Another backend computes other digits: that is said,
 * and recorded.
 *
 * @param before Of the sittings so far, in their order.
 */
export function backendsUsed(
  before: readonly BackendInfo[],
  now: BackendInfo,
  onNote?: (message: string) => void,
): BackendInfo[] {
  const last = before.at(-1);
  if (last && describeBackend(last) !== describeBackend(now)) {
    onNote?.(
      `this run was computed by ${describeBackend(last)} and goes on with ${describeBackend(now)}: its last digits will differ from those ` +
        'of a run by one of them; the record names both',
    );
  }
  return before.some((backend) => describeBackend(backend) === describeBackend(now))
    ? [...before]
    : [...before, now];
}
