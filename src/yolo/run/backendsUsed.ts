import type { BackendInfo } from '../tensor/backend';
import { describeBackend } from '../tensor/describeBackend';

/**
 * Lists the backends that computed a run, each once, when one more sitting begins. Another backend computes other
 * digits, so a change is reported and recorded.
 *
 * @param before Backends of the sittings so far, in their order.
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
