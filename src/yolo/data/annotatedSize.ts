import { UserError } from '../core/errors';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The error of an annotation that says another size than its picture has, else undefined. Its boxes were then drawn
 * on another picture, or on a turned one.
 *
 * @param path - The annotation's.
 */
export function annotatedSizeError(path: string, annotated: Size, actual: Size): UserError | undefined {
  if (annotated.width === actual.width && annotated.height === actual.height) return undefined;
  return new UserError(
    `${path}: says ${annotated.width} x ${annotated.height}, but the picture is ${actual.width} x ${actual.height}; correct <size> and check the boxes`,
  );
}
