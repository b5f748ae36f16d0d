// Pictures from wherever a reader has them, as pixels on a canvas and as the detector reads them.
import { drawScene } from 'yolov1/browser';

/** Longest side that is kept, pixels: more than any network sees, and no more than a browser's canvas holds. */
const LONGEST = 4096;

/** Of a file that was chosen or dropped, upright. @throws Error in words for what is no picture. */
export async function drawFile(canvas, file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name || 'This file'} can't be read as a picture here. Take a JPEG, PNG or WebP.`);
  });
  draw(canvas, bitmap, bitmap.width, bitmap.height);
  bitmap.close();
}

/** Of what the camera shows now. */
export function drawVideo(canvas, video) {
  draw(canvas, video, video.videoWidth, video.videoHeight);
}

/** Of a picture that the page holds. */
export async function drawImage(canvas, image) {
  await image.decode();
  draw(canvas, image, image.naturalWidth, image.naturalHeight);
}

/** Of coloured shapes, by the library's own generator. */
export async function drawGenerated(canvas, seed) {
  const { ground, svg, annotation } = drawScene(seed, { width: 400, height: 300 });
  const { width, height } = annotation;
  const shapes = new Image();
  shapes.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await shapes.decode();
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    pixels.data.set(ground.subarray(3 * i, 3 * i + 3), 4 * i);
    pixels.data[4 * i + 3] = 255;
  }
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.putImageData(pixels, 0, 0);
  context.drawImage(shapes, 0, 0);
}

function draw(canvas, source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  // What is transparent is laid on white, as in Node.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
}

/** Red, green and blue of a canvas. */
export function pixelsOf(canvas) {
  const { width, height } = canvas;
  const { data: rgba } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    data[to] = rgba[from];
    data[to + 1] = rgba[from + 1];
    data[to + 2] = rgba[from + 2];
  }
  return { data, width, height };
}
