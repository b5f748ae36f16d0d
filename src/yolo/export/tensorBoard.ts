import type { ExperimentResult } from '../record/runRecord';
import { Message } from './protobuf';

/** Fields of a metrics line that say where it belongs; all others are curves. */
const PLACES = new Set(['kind', 'epoch', 'step']);

/**
 * The metrics of a training as an event file of TensorBoard: each number of a step's line as `step/NAME`, of an epoch's
 * line as `epoch/NAME`, the mAP of evaluations among them. All are placed by the training's step. A record keeps no time of
 * a line: they are spread evenly over the training's own.
 */
export function tensorBoardEvents({ record, metrics }: ExperimentResult): Buffer {
  const started = Date.parse(record.started) / 1000;
  const last = Math.max(1, ...metrics.map(({ step }) => step));
  const at = (step: number) => started + (record.seconds * step) / last;
  const records = [recordOf(new Message().double(1, started).bytes(3, 'brain.Event:2'))];
  const add = (step: number, curves: readonly [string, number][]) => {
    const summary = new Message();
    for (const [tag, value] of curves) summary.bytes(1, new Message().bytes(1, tag).float(2, value));
    records.push(recordOf(new Message().double(1, at(step)).integer(2, step).bytes(5, summary)));
  };
  for (const line of metrics) {
    const curves = Object.entries(line).flatMap(([name, value]): [string, number][] =>
      PLACES.has(name) || typeof value !== 'number' ? [] : [[`${line.kind}/${name}`, value]],
    );
    if (curves.length > 0) add(line.step, curves);
  }
  return Buffer.concat(records);
}

/** A record of TensorFlow's record files: length, its check, content, its check. */
function recordOf(event: Message): Buffer {
  const content = event.build();
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(content.length));
  return Buffer.concat([length, masked(length), content, masked(content)]);
}

/** A CRC of data that may hold CRCs itself is rotated and moved by a constant, as TensorFlow's record files want it. */
function masked(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const check = Buffer.alloc(4);
  check.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return check;
}

/** Table of CRC-32C (Castagnoli, polynomial 0x1EDC6F41, bits reversed), a byte at a time. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32C of bytes (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
