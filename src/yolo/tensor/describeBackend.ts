/** A backend in words, such as `tensorflow 2.21.0 on cpu`. */
export function describeBackend(backend: { name: string; version: string; device: string }): string {
  return `${backend.name} ${backend.version} on ${backend.device}`;
}
