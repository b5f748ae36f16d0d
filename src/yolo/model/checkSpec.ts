import { UserError } from '../core/errors';
import type { DetectorSpec } from './detector';
import { GROUPS } from './norm';

const CHOICES = {
  backbone: ['resnet18', 'baseline'],
  head: ['convolutional', 'fullyConnected'],
  norm: ['batch', 'group', 'none'],
} as const;

/** Pixels of the input by pixel of the backbone's map, along one side. */
export const BACKBONE_STRIDE = { resnet18: 32, baseline: 64 } as const;

/**
 * Refuses a description that no network can be made of. It comes from the user's configuration, so it is theirs to mend.
 *
 * @throws {@link UserError} naming the field, what it is and what was expected.
 */
export function checkSpec(spec: DetectorSpec): void {
  const fail = (field: keyof DetectorSpec, expected: string): never => {
    const given = spec[field];
    throw new UserError(
      `${field}: got ${typeof given === 'string' ? `'${given}'` : given}, expected ${expected}`,
    );
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
  if (spec.norm === 'group' && (spec.headWidth ?? 0) % GROUPS !== 0 && spec.head === 'convolutional') {
    fail('headWidth', `a multiple of ${GROUPS}, the groups of GroupNorm`);
  }
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

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0;
}
