import { readEnvironment } from '../core/environment';
import { UserError } from '../core/errors';
import type { BackendInfo } from '../tensor/backend';
import { describeBackend } from '../tensor/describeBackend';

/**
 * Lists the backends that computed a run, each once, when one more sitting begins. Another backend computes other
 * digits, so that it goes on only where `YOLOV1_BACKEND` asks for it; another version or device of the same one is
 * reported. The record names all.
 *
 * @param before Backends of the sittings so far, in their order.
 * @throws UserError for another backend that was not asked for.
 */
export function backendsUsed(
  before: readonly BackendInfo[],
  now: BackendInfo,
  onNote?: (message: string) => void,
): BackendInfo[] {
  const [then, here] = [before.at(-1), describeBackend(now)];
  if (then && describeBackend(then) !== here) {
    const digits = 'its last digits will differ from those of a run by one of them';
    if (then.name !== now.name && readEnvironment().backend !== now.name) {
      throw new UserError(
        `this run was computed by ${describeBackend(then)}, and here is ${here}: ${digits}; ` +
          `YOLOV1_BACKEND=${now.name} goes on with it all the same, 'npx yolov1 doctor' says why ${then.name} is not used`,
      );
    }
    onNote?.(
      `this run was computed by ${describeBackend(then)} and goes on with ${here}: ${digits}; the record names both`,
    );
  }
  return before.some((backend) => describeBackend(backend) === here) ? [...before] : [...before, now];
}
