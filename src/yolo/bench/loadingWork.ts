import { loadDataset } from '../data/dataset';
import { Loader } from '../data/loader';
import type { Work } from './work';

/** Each call loads all pictures once; the decoding threads run on between calls. */
export async function prepareLoading({
  folder,
  split,
  pictures,
}: Extract<Work, { kind: 'loading' }>): Promise<() => Promise<number>> {
  const { items } = await loadDataset([{ folder, split }]);
  const loader = new Loader(items.slice(0, pictures), { size: 448, batchSize: 16 });
  return async () => {
    let loaded = 0;
    for await (const { images } of loader.epoch(0)) {
      loaded += images.shape[0];
      images.dispose();
    }
    return loaded;
  };
}
