import { allOptional, checkArguments, FLAG, PATH, TEXT } from '../../core/arguments';
import {
  type AssignOptions,
  assignWeights,
  FILE_ORDER,
  type LoadReport,
  NAMED_TENSORS,
  type NamedTensors,
  namedTensors,
} from './assignWeights';
import { METADATA, readSafetensors, writeSafetensors } from './safetensors';
import { type StreamedTensor, streamOf } from './streamedTensor';

export type { LoadReport, NamedTensors } from './assignWeights';

const LOADED = {
  path: PATH,
  network: NAMED_TENSORS,
  options: allOptional({ prefix: TEXT, partial: FLAG }),
};
const SAVED = { path: PATH, network: NAMED_TENSORS, metadata: METADATA };

/**
 * Fill a network from a safetensors file in PyTorch's layout.
 *
 * Nothing is changed unless the whole file fits: shapes are checked first.
 *
 * @param path - Of the file.
 * @param network - Initialised network or part of one, such as `detector.backbone`.
 * @param options - `prefix` is put before the file's names to get the network's, such as `backbone.` for torchvision's
 * ResNet18, default none; with `partial` the file may lack tensors of the network, default false.
 * @throws UserError if the file is damaged, lacks a tensor (unless `partial`), or has one of another shape.
 */
export async function loadWeights(
  path: string,
  network: NamedTensors,
  options: AssignOptions = {},
): Promise<LoadReport> {
  checkArguments('loadWeights', { path, network, options }, LOADED);
  const { tensors } = await readSafetensors(path);
  return assignWeights(tensors, path, network, options);
}

/**
 * Write a network's parameters and statistics under its own names, in PyTorch's layout, atomically.
 *
 * @param path - Of the file, in a folder that is there.
 * @param network - Initialised network or part of one.
 * @param metadata - Strings kept in the header's `__metadata__`. Default: none.
 * @returns SHA-256 of the file, in hexadecimal.
 * @throws UserError for an argument of another kind, or if the file can't be written.
 */
export async function saveWeights(
  path: string,
  network: NamedTensors,
  metadata: Record<string, string> = {},
): Promise<string> {
  checkArguments('saveWeights', { path, network, metadata }, SAVED);
  const tensors = namedTensors(network).map(({ name, layout, variable }): [string, StreamedTensor] => [
    name,
    streamOf(variable, FILE_ORDER[layout]),
  ]);
  return writeSafetensors(path, new Map(tensors), metadata);
}
