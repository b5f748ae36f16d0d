import { counted } from '../../core/counted';
import { messageOf, UserError } from '../../core/errors';
import { requireWritable } from '../../core/writableFolder';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import { formatBytes } from '../../memory/bytes';

/** Names that a message lists. */
const SHOWN = 3;

/** Everything that is looked at before the first step. */
export interface PreflightOf {
  train: Dataset;
  /** The part of the train lists that decides, where there is one. */
  heldOut?: Dataset;
  evaluate: Dataset;
  /** Folders that will be written to, what for, and how much is needed there at least. */
  folders: readonly { path: string; purpose: string; bytes: number }[];
  /** Faults that were found elsewhere, one entry each. */
  faults: readonly string[];
}

/**
 * Look at everything that would end a training, or make its result worthless, before its first step.
 *
 * @throws UserError that names all faults at once.
 */
export async function preflight({ train, heldOut, evaluate, folders, faults }: PreflightOf): Promise<void> {
  const found = [
    ...faults,
    ...faultsOfClasses(train, evaluate),
    ...faultsOfObjects(train, evaluate, heldOut),
    ...faultsOfCommonPictures([...train.items, ...(heldOut?.items ?? [])], evaluate.items),
    ...(await Promise.all(folders.map(faultsOfFolder))).flat(),
  ];
  if (found.length > 0) throw new UserError(found.join('; '));
}

function faultsOfClasses(train: Dataset, evaluate: Dataset): string[] {
  if (train.classes.join('\n') === evaluate.classes.join('\n')) return [];
  return [
    `classes: trained on are ${train.classes.join(', ')}, evaluated on ${evaluate.classes.join(', ')}; ` +
      'expected the same in the same order',
  ];
}

function faultsOfObjects(train: Dataset, evaluate: Dataset, heldOut?: Dataset): string[] {
  const objectsOf = ({ items }: Dataset) => items.flatMap(({ annotation }) => annotation.objects);
  // Without an object that counts there is no mAP.
  const judges = (data: Dataset) => objectsOf(data).some(({ difficult }) => !difficult);
  const only = 'hold no object, or difficult ones only';
  return [
    ...(objectsOf(train).length > 0
      ? []
      : ['train: its pictures hold no object, so there is nothing to learn']),
    ...(judges(evaluate) ? [] : [`evaluate: its pictures ${only}, so there is nothing to find`]),
    ...(!heldOut || judges(heldOut)
      ? []
      : [`config: heldOut: its pictures ${only}, so they decide nothing; hold out a larger share`]),
  ];
}

/** Pictures that are trained on and evaluated on, under the same name or another. */
function faultsOfCommonPictures(
  train: readonly AnnotatedItem[],
  evaluate: readonly AnnotatedItem[],
): string[] {
  const keys = new Set(train.map(({ key }) => key));
  const byName = evaluate.filter(({ key }) => keys.has(key)).map(({ key }) => key);
  const contents = new Map(train.map(({ key, pictureHash }) => [pictureHash, key]));
  const byContent = evaluate
    .filter(({ key, pictureHash }) => !keys.has(key) && contents.has(pictureHash))
    .map(({ key, pictureHash }) => `${key} is ${contents.get(pictureHash)}`);
  const common = [...byName, ...byContent];
  return common.length > 0 ? [commonPictures(common.length, common)] : [];
}

function commonPictures(count: number, names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  const more = count > SHOWN ? ' and more' : '';
  return (
    `${counted(count, 'picture is', 'pictures are')} trained on and evaluated on (${shown}${more}); ` +
    'take them out of one list'
  );
}

async function faultsOfFolder({ path, purpose, bytes }: PreflightOf['folders'][number]): Promise<string[]> {
  try {
    const free = await requireWritable(path, purpose);
    return free < bytes
      ? [
          `${path}: ${formatBytes(free)} are free, ${purpose} need ${formatBytes(bytes)}; free some or give another folder`,
        ]
      : [];
  } catch (error) {
    return [messageOf(error)];
  }
}
