import * as tf from '@tensorflow/tfjs';
import { VOC_CLASSES } from '../data/classes';
import { Detector } from '../model/detector';
import type { Parameter } from '../model/layers/layer';
import { settle } from '../tensor/settle';
import { Optimizer } from '../train/optimizer';
import type { NetworkName, Work } from './work';

type NetworkWork = Extract<Work, { network: NetworkName }>;

const INPUT_SIZE = 448;
/** Not 0, which tfjs takes for none: then every process would have other images, and figures could not be compared. */
const SEED = 1;

/** The prepared work; what it returns is read back, so it is over when the call is. */
export function prepareNetworkWork({ kind, network, batch }: NetworkWork): () => Promise<number> {
  const detector = new Detector({
    backbone: network === 'baseline' ? 'baseline' : 'resnet18',
    head: network === 'resnet18-conv' ? 'convolutional' : 'fullyConnected',
    inputSize: INPUT_SIZE,
    gridSize: network === 'resnet18-conv' ? 14 : 7,
    predictors: 2,
    classes: VOC_CLASSES,
  });
  detector.initialise(0);
  if (kind === 'update') {
    return prepareUpdate(detector.parameters());
  }
  const images = tf.randomNormal<tf.Rank.R4>([batch, INPUT_SIZE, INPUT_SIZE, 3], 0, 1, 'float32', SEED);
  if (kind === 'forward') {
    detector.fold();
    return () => {
      const square = tf.tidy(() => detector.forward(images).square().mean());
      return readAndDispose(square);
    };
  }
  for (const part of ['backbone', 'head'] as const) {
    detector.setBatchNormMode(part, kind, false);
  }
  const parameters = detector.parameters().filter((one) => kind === 'batch' || one.kind !== 'norm');
  const variables = parameters.map(({ variable }) => variable);
  const context = { training: true, pictureSeeds: Array.from({ length: batch }, (_, picture) => picture) };
  return () => {
    const { value, grads } = tf.variableGrads(
      () => detector.forward(images, context).square().mean() as tf.Scalar,
      variables,
    );
    tf.dispose(grads);
    return readAndDispose(value);
  };
}

function prepareUpdate(parameters: readonly Parameter[]): () => Promise<number> {
  const optimizer = new Optimizer({ kind: 'adam', weightDecay: 5e-4 }, [{ parameters, learningRate: 1e-4 }]);
  // Kept, since an update uses up the gradients that it is given.
  const gradients = new Map(
    parameters.map(({ name, variable }) => [
      name,
      tf.keep(tf.randomNormal(variable.shape, 0, 0.01, 'float32', SEED)),
    ]),
  );
  return async () => {
    optimizer.apply(gradients, 1);
    await settle();
    return optimizer.steps;
  };
}

async function readAndDispose(scalar: tf.Tensor): Promise<number> {
  const [number] = await scalar.data();
  scalar.dispose();
  return number;
}
