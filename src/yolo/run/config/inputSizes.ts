import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';

/** How the input's side changes over a training: `[pixels, epochs]` one after the other. */
export type InputSizes = readonly (readonly [size: number, epochs: number])[];

/** @throws {@link UserError} for sizes that are no list of whole numbers, or whose epochs are not those of the training. */
export function checkInputSizes(sizes: InputSizes, epochs: number): void {
  const shown = `config: inputSizes is ${JSON.stringify(sizes)}`;
  const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  if (!Array.isArray(sizes) || !sizes.every((pair) => pair?.length === 2 && pair.every(whole))) {
    throw new UserError(`${shown}, expected [pixels, epochs] pairs, such as [[256, 10], [448, 5]], or null`);
  }
  const sum = sizes.reduce((total, [, count]) => total + count, 0);
  if (sum !== epochs) {
    throw new UserError(`${shown}, ${counted(sum, 'epoch')}; expected epochs, ${epochs}`);
  }
}
