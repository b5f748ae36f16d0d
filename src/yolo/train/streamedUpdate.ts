import type { LossValue } from '../loss/detectionLoss';
import type { ForwardContext } from '../model/layers/layer';
import { takeData } from '../tensor/takeData';
import { type StreamedPass, streamGradients } from './gradientStream';
import { clippingScale } from './gradients';
import type { Optimizer } from './optimizer';

/** What an update is made from. */
export interface StreamedUpdateOptions {
  /** Loss of the batch, in a context with these entries. */
  computeLoss: (entries: Pick<ForwardContext, 'reading' | 'again'>) => LossValue;
  optimizer: Optimizer;
  /** The schedule's factor on the base rates. */
  factor: number;
  clipNorm: number | null;
  /** Called with the loss and the norm of all gradients, where they are clipped before anything is changed. May throw. */
  check: (told: ToldOfUpdate) => void;
}

/** The loss, and the global norm before clipping. */
export interface ToldOfUpdate {
  total: number;
  parts: Record<string, number>;
  gradientNorm: number;
}

/**
 * An update in which each parameter is changed as soon as its gradient has been computed. Clipping needs the norm of all
 * gradients first: then the passes run twice, once for it.
 */
export async function streamedUpdate(options: StreamedUpdateOptions): Promise<ToldOfUpdate> {
  const { computeLoss, optimizer, factor, clipNorm, check } = options;
  const { parameters } = optimizer;
  const apply = (scale: number, again: boolean) => {
    let pass: StreamedPass;
    optimizer.step(factor, (update) => {
      pass = streamGradients(
        (reading) => computeLoss({ reading, again }),
        parameters,
        (parameter, gradient) => update(parameter, gradient, scale),
      );
    });
    return pass!;
  };
  if (clipNorm === null) {
    const told = await tell(apply(1, false));
    check(told);
    return told;
  }
  const measured = await tell(streamGradients((reading) => computeLoss({ reading }), parameters));
  check(measured);
  await tell(apply(clippingScale(measured.gradientNorm, clipNorm), true));
  return measured;
}

async function tell({ names, losses, square }: StreamedPass): Promise<ToldOfUpdate> {
  const [total, ...values] = await takeData(losses);
  const [sum] = await takeData(square);
  const parts = Object.fromEntries(names.map((name, place) => [name, values[place]]));
  return { total, parts, gradientNorm: Math.sqrt(sum) };
}
