import { Random } from '../core/random';
import type { Annotation } from '../data/annotation';
import { VOC_CLASSES } from '../data/classes';
import { type DetectionTable, DetectionTableBuilder } from '../eval/table/detectionTable';
import { type GroundTruthTable, groundTruthTable } from '../eval/table/groundTruthTable';

/** Pictures and objects of VOC2007 test, difficult ones included. */
const PICTURES = 4952;
const OBJECTS = 14976;

/** Made-up evaluation work of a given size: objects, and detections of which half lie near an object. */
export function makeEvaluationWork(
  pictures = PICTURES,
  detectionsPerPicture = 300,
  seed = 'evaluation benchmark',
): { groundTruth: GroundTruthTable; detections: DetectionTable } {
  const random = new Random(seed);
  const objectsOf = Array.from({ length: pictures }, () => [] as Annotation['objects']);
  for (let object = 0; object < (OBJECTS * pictures) / PICTURES; object++) {
    const left = random.uniform(0, 400);
    const top = random.uniform(0, 300);
    const box = { left, top, right: left + random.uniform(10, 100), bottom: top + random.uniform(10, 75) };
    objectsOf[object % pictures].push({ name: random.pick(VOC_CLASSES), box, difficult: random.chance(0.2) });
  }
  const groundTruth = groundTruthTable(
    objectsOf.map((objects, index) => {
      const key = `VOC2007/${String(index).padStart(6, '0')}`;
      return { key, annotation: { id: key, width: 500, height: 375, objects } };
    }),
    VOC_CLASSES,
  );
  const builder = new DetectionTableBuilder(groundTruth.index);
  objectsOf.forEach((objects, picture) => {
    for (let index = 0; index < detectionsPerPicture; index++) {
      const near = objects.length > 0 && random.chance(0.5) ? random.pick(objects) : undefined;
      const box = near?.box ?? { left: 100, top: 100, right: 200, bottom: 200 };
      const moved = (edge: number) => edge + random.uniform(-0.2, 0.2) * (box.right - box.left);
      const classIndex = near && random.chance(0.7) ? VOC_CLASSES.indexOf(near.name) : random.integer(0, 19);
      const left = moved(box.left);
      const top = moved(box.top);
      builder.add(
        picture,
        classIndex,
        random.next(),
        left,
        top,
        Math.max(left + 1, moved(box.right)),
        Math.max(top + 1, moved(box.bottom)),
      );
    }
  });
  return { groundTruth, detections: builder.build() };
}

/** `count` boxes around `objects` places, with scores and classes. */
export function makeNmsWork(count: number, objects: number, classCount: number) {
  const random = new Random('nms benchmark');
  const centres = Array.from({ length: objects }, () => [
    random.uniform(0, 400),
    random.uniform(0, 300),
    random.uniform(20, 120),
    random.uniform(20, 120),
  ]);
  const boxes = new Float32Array(4 * count);
  const scores = new Float32Array(count);
  const classes = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const [x, y, width, height] = random.pick(centres).map((value) => value * random.uniform(0.9, 1.1));
    boxes.set([x, y, x + width, y + height], 4 * index);
    scores[index] = random.next();
    classes[index] = random.integer(0, classCount - 1);
  }
  return { boxes, scores, classes };
}
