import { readFileSync } from 'node:fs';
import { evaluateCoco } from '../eval/coco/coco';
import { evaluateVoc } from '../eval/voc';
import { nms } from '../grid/decode/nms';
import { makeEvaluationWork } from './evaluationWork';
import type { NmsFile } from './inputFiles';
import { prepareLoading } from './loadingWork';
import { prepareNetworkWork } from './networkWork';
import { prepareTrainingWork } from './trainingWork';
import type { Work } from './work';

/** One repetition; it returns a figure of what it computed. */
export type Repetition = () => number | Promise<number>;

/** Everything that comes before the clock starts. */
export function prepareWork(work: Work): Repetition | Promise<Repetition> {
  switch (work.kind) {
    case 'loading':
      return prepareLoading(work);
    case 'training':
      return prepareTrainingWork(work);
    case 'nms': {
      const file = JSON.parse(readFileSync(work.file, 'utf8')) as NmsFile;
      const boxes = Float32Array.from(file.boxes);
      const scores = Float32Array.from(file.scores);
      const classes = Int32Array.from(file.classes);
      return () => {
        let kept = 0;
        for (let call = 0; call < file.calls; call++) {
          kept = nms(boxes, scores, { iouThreshold: 0.5, classes }).length;
        }
        return kept;
      };
    }
    case 'evaluation': {
      const { groundTruth, detections } = makeEvaluationWork();
      // A new object each time: a ranking that is known already would not be measured.
      return work.rules === 'voc'
        ? () => evaluateVoc({ ...detections }, groundTruth).map
        : () => evaluateCoco({ ...detections }, groundTruth).ap;
    }
    default:
      return prepareNetworkWork(work);
  }
}
