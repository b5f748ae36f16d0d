import { frozenRows } from '../../model/frozenLayers';
import {
  countOf,
  type FeatureShape,
  type LayerRow,
  type NormBehaviour,
  type TrainingCost,
} from '../../model/layers/layer';

/** The facts about a network that an estimate needs; a `Detector` has them, and no variable is made. */
export interface NetworkShape {
  /** One picture: `[height, width, 3]`. */
  readonly inputShape: FeatureShape;
  /** The operations in order; those of the head have names that begin with `head.`. */
  describe(): LayerRow[];
}

/**
 * The part that is trained, and how BatchNorm behaves in a trained backbone (a head's takes the batch's statistics).
 */
export interface TrainingScope {
  /** `head`: the backbone is not trained; `all`: everything is. */
  trainable: 'head' | 'all';
  /** How the BatchNorms of a trained backbone behave; see `ExperimentConfig.batchNorm`. */
  batchNorm: NormBehaviour;
  /** Last of the backbone's layers that are not trained with the rest; see `Detector.freezePrefix`. Default: none. */
  frozenPrefix?: string;
  /** True if the backbone's layers are run again in the backward pass instead of keeping activations. Default false. */
  recompute?: boolean;
  /** True if tensors kept for the backward pass take 16 bits a number. Default false. */
  halfActivations?: boolean;
}

/** How a frozen prefix goes through a training. */
const FROZEN: TrainingScope = { trainable: 'head', batchNorm: 'constant' };

/** An operation of a network with the norm and the activation behind it, as the memory sees it. */
export interface LayerCost extends TrainingCost {
  name: string;
  type: string;
  /** True if it is trained. Otherwise it only takes the memory of its parameters. */
  trained: boolean;
  /** Numbers that go out, for one picture. */
  outputs: number;
  /** The same, as it is kept for the layers behind. */
  result: number;
  /** Multiply-adds of the forward pass for one picture. */
  multiplyAdds: number;
  /** Numbers, of any batch. */
  parameters: number;
  trainedParameters: number;
  /** Numbers of the largest trained tensor, with its bias. */
  largestParameter: number;
  statistics: number;
  branch: LayerRow['branch'];
  /** Name of the layers that it is run again with for the gradients; undefined if its tensors are kept until then. */
  recomputed: string | undefined;
  /** True if it normalises by statistics of the batch. */
  usesBatchStatistics: boolean;
}

/** Costs of a network's layers in training, in order; the layers state them themselves (`LayerRow.training`). */
export function layerCostsOf(network: NetworkShape, scope: TrainingScope): LayerCost[] {
  const layers: LayerRow[][] = [];
  const all = network.describe();
  const frozen = all.slice(0, scope.frozenPrefix === undefined ? 0 : frozenRows(all, scope.frozenPrefix));
  for (const row of all) {
    if (row.training || layers.length === 0) {
      layers.push([row]);
    } else {
      layers.at(-1)!.push(row);
    }
  }
  return layers.map((rows, index) =>
    costOf(rows, frozen.includes(rows[0]) ? FROZEN : scope, index === 0 ? countOf(network.inputShape) : 0),
  );
}

/**
 * The cost with activations in 16 bits; the backward pass reads a full copy of them. Plain operations cost the same.
 *
 * @param pictures - Numbers of a picture, of which the first layer keeps a copy.
 */
function inHalf(cost: TrainingCost, pictures: number): TrainingCost {
  if (cost.backward.some(({ frees }) => frees < 0)) return cost;
  const last = cost.backward.length - 1;
  const backward = cost.backward.map(({ alive, frees }, step) => ({
    alive: alive + frees / 2,
    frees: (frees + (step === last ? pictures : 0)) / 2,
  }));
  return { ...cost, kept: (cost.kept + pictures) / 2, backward };
}

function costOf(rows: readonly LayerRow[], scope: TrainingScope, pictures: number): LayerCost {
  const [first] = rows;
  const norm = rows.find(({ type }) => type === 'BatchNorm2d');
  const head = first.name.startsWith('head.');
  const trained = head || scope.trainable === 'all';
  const behaviour = head ? 'batch' : scope.batchNorm;
  const sum = (field: 'parameters' | 'statistics' | 'multiplyAdds') =>
    rows.reduce((total, row) => total + row[field], 0);
  const constant = behaviour === 'constant' ? (norm?.parameters ?? 0) : 0;
  const stated = first.training?.(behaviour) ?? { inputs: 0, kept: 0, backward: [] };
  const cost = scope.halfActivations ? inHalf(stated, pictures) : stated;
  return {
    ...cost,
    ...(trained ? {} : { kept: 0, backward: [] }),
    name: first.name,
    type: rows.map(({ type }) => type).join(' + '),
    trained,
    outputs: countOf(first.output),
    result: countOf(first.output) * (scope.halfActivations ? 0.5 : 1),
    multiplyAdds: sum('multiplyAdds'),
    parameters: sum('parameters'),
    trainedParameters: trained ? sum('parameters') - constant : 0,
    largestParameter: trained ? first.parameters : 0,
    statistics: sum('statistics'),
    branch: first.branch,
    recomputed: scope.recompute && trained && !head ? first.unit : undefined,
    usesBatchStatistics: trained && norm !== undefined && behaviour === 'batch',
  };
}
