import { UserError } from '../core/errors';
import type { FeatureShape, LayerRow } from './layers/layer';
import type { Sequential } from './layers/sequential';

/**
 * Number of a backbone's leading layers up to and including a named one, such as `layer1`.
 *
 * @param input - Shape of a picture.
 * @throws {@link UserError} for a name that the backbone has no layer of.
 */
export function frozenLayers(backbone: Sequential, input: FeatureShape, last: string): number {
  let shape = input;
  const names = backbone.layers.map((layer) => {
    const [{ name }] = layer.describe(shape);
    shape = layer.outputShape(shape);
    return stageOf(name);
  });
  if (!names.includes(last)) {
    throw new UserError(
      `frozenPrefix: is '${last}', expected the name of a layer of the backbone: ${[...new Set(names)].join(', ')}`,
    );
  }
  return names.lastIndexOf(last) + 1;
}

/** Number of a network's leading rows that belong to a frozen prefix. */
export function frozenRows(rows: readonly LayerRow[], last: string): number {
  return rows.map(({ name }) => stageOf(name)).lastIndexOf(last) + 1;
}

/** `layer1` of `backbone.layer1.0.conv1`. The stem goes by its convolution, `conv1`. */
function stageOf(name: string): string {
  return name.startsWith('backbone.') ? name.split('.')[1] : '';
}
