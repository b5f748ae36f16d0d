/**
 * Loads the elements from `from` to before `end` in their order; while the caller works on one, the next `ahead` are being
 * loaded. Leaving the loop early drops them.
 *
 * @throws What `load` throws for an element, when it is due.
 */
export async function* readAhead<T>(
  { from, end, ahead }: { from: number; end: number; ahead: number },
  load: (index: number) => Promise<T>,
): AsyncGenerator<T, void, undefined> {
  const waiting: Promise<T>[] = [];
  let next = from;
  const fill = () => {
    while (next < end && waiting.length < ahead) {
      const element = load(next++);
      // An element that is never asked for must not end the process with an unhandled rejection.
      element.catch(() => undefined);
      waiting.push(element);
    }
  };
  for (fill(); waiting.length > 0; ) {
    const element = await waiting.shift()!;
    fill();
    yield element;
  }
}
