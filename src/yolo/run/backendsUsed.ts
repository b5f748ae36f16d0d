import type { BackendInfo } from '../tensor/backend';

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
  const named = ({ name, version, device }: BackendInfo) => `${name} ${version} on ${device}`;
  const last = before.at(-1);
  if (last && named(last) !== named(now)) {
    onNote?.(
      `this run was computed by ${named(last)} and goes on with ${named(now)}: its last digits will differ from those ` +
        'of a run by one of them; the record names both',
    );
  }
  return before.some((backend) => named(backend) === named(now)) ? [...before] : [...before, now];
}
