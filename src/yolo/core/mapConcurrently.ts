/**
 * Maps a list by an asynchronous function with at most `limit` calls under way, results in the list's order.
 *
 * After a failure no further call is started, those under way are awaited, and the failure that stands first in
 * the list is thrown: the same one on every run.
 */
export async function mapConcurrently<T, R>(
  list: readonly T[],
  limit: number,
  map: (element: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(list.length);
  const failures = new Map<number, unknown>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < list.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await map(list[index], index);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, list.length) }, work));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
