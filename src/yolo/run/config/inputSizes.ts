import { counted } from '../../core/counted';
import { UserError } from '../../core/errors';
import { BACKBONE_STRIDE } from '../../model/checkSpec';
import type { DetectorSpec } from '../../model/detectorSpec';

/** How the input's side changes over a training: `[pixels, epochs]` one after the other. */
export type InputSizes = readonly (readonly [size: number, epochs: number])[];

/** @throws {@link UserError} for sizes that the model can't take, or whose epochs are not those of the training. */
export function checkInputSizes(
  sizes: InputSizes,
  epochs: number,
  { head, backbone, inputSize }: Pick<DetectorSpec, 'head' | 'backbone' | 'inputSize'>,
): void {
  const shown = `config: inputSizes is ${JSON.stringify(sizes)}`;
  const sum = sizes.reduce((total, [, count]) => total + count, 0);
  if (sum !== epochs) {
    throw new UserError(`${shown}, ${counted(sum, 'epoch')}; expected epochs, ${epochs}`);
  }
  const stride = BACKBONE_STRIDE[backbone];
  const fits = (size: number) => size === inputSize || (head !== 'fullyConnected' && size % stride === 0);
  if (!sizes.every(([size]) => fits(size))) {
    const expected =
      head === 'fullyConnected'
        ? `only the model's inputSize, ${inputSize}, which a fully connected head needs`
        : `multiples of ${stride} pixels, the stride of ${backbone}`;
    throw new UserError(`${shown}, expected ${expected}`);
  }
}
