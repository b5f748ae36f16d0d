import { checkArguments, NUMBERS, record } from '../core/arguments';
import { oneOf } from '../core/form';
import { interpolatedPrecision } from './interpolatedPrecision';
import { meanOfNumbers } from './meanOfNumbers';
import type { PrecisionRecall } from './precisionRecall';

const TENTHS = Array.from({ length: 11 }, (_, tenth) => tenth / 10);

/**
 * How a precision/recall curve becomes one number.
 *
 * `area`: the area under the curve after precision was made monotone, VOC's rule from 2010 on. `11point`: the mean of
 * the largest precision at or beyond recall 0, .1, ... 1, VOC's rule until 2009.
 */
export type ApRule = 'area' | '11point';

export const AP_RULE = oneOf(['area', '11point']);
const CURVE = record('a curve of precision and recall', { precision: NUMBERS, recall: NUMBERS });

/**
 * Average precision of one class, 0..1; 0 for an empty curve.
 *
 * @param curve - From the most confident detection down, as `precisionRecall` gives it.
 * @param rule - How it becomes one number. Default `area`.
 * @throws UserError for anything but a curve, or an unknown rule.
 */
export function averagePrecision(
  curve: Pick<PrecisionRecall, 'precision' | 'recall'>,
  rule: ApRule = 'area',
): number {
  checkArguments('averagePrecision', { curve, rule }, { curve: CURVE, rule: AP_RULE });
  return rule === 'area' ? areaUnderEnvelope(curve) : meanOfNumbers(interpolatedPrecision(curve, TENTHS));
}

function areaUnderEnvelope({ precision, recall }: Pick<PrecisionRecall, 'precision' | 'recall'>): number {
  let area = 0;
  let highest = 0;
  for (let place = precision.length - 1; place >= 0; place--) {
    highest = Math.max(highest, precision[place]);
    area += (recall[place] - (place > 0 ? recall[place - 1] : 0)) * highest;
  }
  return area;
}
