import { messageOf } from '../../core/errors';

/**
 * Signs in the messages of the backends, Node and the system that memory has run out. TensorFlow's status 8 is
 * RESOURCE_EXHAUSTED; "Dst tensor is not initialized" is what a failed copy to a GPU says.
 */
const SIGNS = [
  /\bOOM\b/,
  /RESOURCE_EXHAUSTED/i,
  /Invalid TF_Status: 8\b/,
  /out of memory/i,
  /OUT_OF_MEMORY/,
  /_STATUS_ALLOC_FAILED/,
  /Dst tensor is not initialized/,
  /std::bad_alloc/,
  /Array buffer allocation failed/,
  // A length beyond what any array can have, not merely a wrong one.
  /Invalid typed array length: \d{10,}/,
  /WebAssembly\.Memory.*(could not allocate|Maximum memory size exceeded|Unable to grow)/i,
  /Cannot enlarge memory/i,
  /ENOMEM|Cannot allocate memory/i,
];

/**
 * Tells whether something that was thrown says that memory ran out.
 *
 * Not every end of memory can be caught: a full JavaScript heap and Linux's own killer end the process. Planning, and
 * the guard's hard limit, are for those.
 *
 * @param thrown - What a `catch` clause received.
 */
export function isOutOfMemory(thrown: unknown): boolean {
  const message = messageOf(thrown);
  return SIGNS.some((sign) => sign.test(message));
}
