import { Random } from '../../core/random';
import { planAugmentation } from '../../data/augment/augment';
import { type AugmentationPlan, plainPlan } from '../../data/augment/plan';
import type { AnnotatedItem, Dataset } from '../../data/dataset';
import { denormalise } from '../../data/input/normalise';
import { Loader } from '../../data/loader';
import type { SheetPicture } from '../../detect/drawing/contactSheet';
import { inPixels } from '../../grid/box';
import type { ExperimentConfig } from '../config/config';
import { planView, viewCount } from '../config/views';
import { cachesFeatures } from './features';

/** The pictures that are drawn for a configuration. */
export interface PreviewOptions {
  config: ExperimentConfig;
  data: Dataset;
  /** Pictures, taken evenly from the list; one a row. */
  pictures: number;
  /** How often each is drawn, after the plain one. */
  draws: number;
  /** Side of a drawing in pixels. */
  size: number;
}

/**
 * Draws pictures as a training would see them, each after its plain form: in the first epochs, or in the views whose
 * features are kept. Random numbers are those of the training: its epoch 1 is drawn as epoch 1.
 */
export async function previewInputs({
  config,
  data,
  pictures,
  draws,
  size,
}: PreviewOptions): Promise<SheetPicture[][]> {
  const cached = cachesFeatures(config);
  const { augmentation, views, seed } = config;
  const ofViews = new Random(seed).fork('views');
  const forms: { title: string; epoch: number; plan?: PlanOf }[] = [{ title: 'as it is', epoch: 0 }];
  const more = cached ? Math.min(draws, viewCount(views) - 1) : draws;
  for (let draw = 0; draw < more; draw++) {
    forms.push(
      cached
        ? {
            title: `view ${draw + 2}`,
            epoch: 0,
            plan: (item) => planView(item, draw + 1, views, ofViews.fork(item.key)),
          }
        : {
            title: `epoch ${draw + 1}`,
            epoch: draw,
            plan: (item, random) => planAugmentation(augmentation, item, random, data.items),
          },
    );
  }
  const count = Math.min(pictures, data.items.length);
  const rows: SheetPicture[][] = [];
  for (let row = 0; row < count; row++) {
    const index = Math.floor((row * data.items.length) / count);
    const cells: SheetPicture[] = [];
    for (const { title, epoch, plan } of forms) {
      const loader = new Loader(data.items, {
        size,
        batchSize: 1,
        readAhead: 1,
        seed: `${seed}/loader`,
        plan: plan ?? ((item) => plainPlan({ key: item.key, ...item.annotation })),
      });
      cells.push(await drawn(loader, epoch, index, title, data.classes));
    }
    rows.push(cells);
  }
  return rows;
}

type PlanOf = (item: AnnotatedItem, random: Random) => AugmentationPlan;

async function drawn(
  loader: Loader,
  epoch: number,
  index: number,
  title: string,
  classes: readonly string[],
): Promise<SheetPicture> {
  for await (const { keys, images, objects } of loader.epoch(epoch, index)) {
    const [, height, width] = images.shape;
    const values = await images.data();
    images.dispose();
    return {
      title: `${keys[0]}, ${title}`,
      picture: { data: new Uint8Array(denormalise(values).buffer), width, height },
      boxes: objects[0].map(({ name, box }) => ({
        name,
        classIndex: classes.indexOf(name),
        box: inPixels(box, { width, height }),
      })),
    };
  }
  throw new Error(`index: ${index} is beyond the list`);
}
