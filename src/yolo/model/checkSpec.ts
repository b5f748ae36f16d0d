import { checkArguments, record } from '../core/arguments';
import { shown, UserError } from '../core/errors';
import type { DetectorSpec } from './detectorSpec';
import { GROUPS } from './layers/norm';

const CHOICES = {
  backbone: ['resnet18', 'baseline'],
  head: ['convolutional', 'fullyConnected', 'decoupled'],
  norm: ['batch', 'group', 'none'],
} as const;

/** Pixels of the input by pixel of the backbone's map, along one side. */
export const BACKBONE_STRIDE = { resnet18: 32, baseline: 64 } as const;

/**
 * Refuses a description that no network can be made of. It comes from the user's configuration, so it is theirs to
 * mend.
 *
 * @throws UserError naming the field, what it is and what was expected.
 */
export function checkSpec(spec: DetectorSpec): void {
  checkArguments('Detector', { spec }, { spec: record('a description of a network') });
  const fail = (field: keyof DetectorSpec, expected: string): never => {
    const given = spec[field];
    throw new UserError(`${field}: got ${shown(given)}, expected ${expected}`);
  };
  for (const [field, choices] of Object.entries(CHOICES) as [keyof typeof CHOICES, readonly unknown[]][]) {
    if (field === 'norm' && spec.norm === undefined) continue;
    if (!choices.includes(spec[field])) fail(field, `one of ${choices.join(', ')}`);
  }
  for (const field of ['inputSize', 'gridSize', 'predictors'] as const) {
    if (!isCount(spec[field])) fail(field, 'a whole number above 0');
  }
  if (spec.headWidth !== undefined && !isCount(spec.headWidth)) fail('headWidth', 'a whole number above 0');
  const { classes, inputSize, gridSize } = spec;
  if (!Array.isArray(classes) || classes.length === 0) {
    throw new UserError('classes: got none, expected the names of one class or more');
  }
  const twice = classes.find((name, index) => classes.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`classes: '${twice}' stands twice, expected each name once`);
  if (spec.norm === 'group' && (spec.headWidth ?? 0) % GROUPS !== 0 && spec.head !== 'fullyConnected') {
    fail('headWidth', `a multiple of ${GROUPS}, the groups of GroupNorm`);
  }
  checkDecoupled(spec);
  // A fully connected head looks at the whole map; under a convolutional one each place of it must be a cell's.
  if (spec.head === 'fullyConnected') {
    if (inputSize % gridSize !== 0) fail('gridSize', `a divisor of the input's ${inputSize} pixels`);
    return;
  }
  const stride = BACKBONE_STRIDE[spec.backbone];
  if (inputSize % stride !== 0) {
    fail('inputSize', `a multiple of ${stride} pixels, the stride of ${spec.backbone}`);
  }
}

/** Fields that only a decoupled head has. */
function checkDecoupled(spec: DetectorSpec): void {
  const { head, backbone, strides = [32], objectness = true, inputSize, gridSize, predictors } = spec;
  const decoupled = head === 'decoupled';
  if (!decoupled) {
    if (spec.strides !== undefined || !objectness) {
      const field = objectness ? 'strides' : 'objectness: false';
      throw new UserError(`${field}: given for a ${head} head, expected it with a decoupled one only`);
    }
    return;
  }
  const shown = `strides: got ${JSON.stringify(strides)}`;
  if (!['[32]', '[16,32]'].includes(JSON.stringify(strides)))
    throw new UserError(`${shown}, expected [32] or [16, 32]`);
  if (backbone !== 'resnet18')
    throw new UserError(`head: got decoupled on a ${backbone} backbone, expected it on resnet18`);
  if (objectness && strides.length > 1)
    throw new UserError(`${shown} with objectness, expected [32], or objectness: false`);
  if (!objectness && predictors !== 1)
    throw new UserError(`predictors: got ${predictors} without objectness, expected 1`);
  if (inputSize % 32 === 0 && gridSize !== inputSize / strides[0]) {
    throw new UserError(
      `gridSize: got ${gridSize}, expected ${inputSize / strides[0]}, the input's ${inputSize} pixels by the stride ${strides[0]}`,
    );
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}
