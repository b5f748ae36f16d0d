import { UserError } from '../core/errors';
import type { ToldOfUpdate } from './streamedUpdate';

/**
 * @param step - Number of the update, from 1.
 * @param keys - The batch's pictures.
 * @throws UserError if the loss or the gradients' norm is not finite; names the loss's parts and the pictures.
 */
export function refuseNonFinite(
  { total, parts, gradientNorm }: ToldOfUpdate,
  step: number,
  keys: readonly string[],
): void {
  if (Number.isFinite(total) && Number.isFinite(gradientNorm)) return;
  const named = Object.entries(parts).map(([name, value]) => `${name} ${value}`);
  throw new UserError(
    `step ${step}: loss ${total} (${named.join(', ')}), gradient norm ${gradientNorm}; ` +
      `pictures ${keys.join(', ')}. Lower the learning rate or look at these pictures' boxes`,
  );
}
