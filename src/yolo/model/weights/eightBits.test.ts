import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../core/random';
import { fromEightBits, toEightBits } from './eightBits';

test('each output channel has the scale of its own largest value', () => {
  const data = Float32Array.of(127, -63.5, 1, 0, -0.254, 0.002, 0.001, 0.0009);
  const { numbers, scales } = toEightBits({ shape: [2, 2, 1, 2], data });
  assert.deepEqual([...scales], [1, Math.fround(0.002)]);
  // Halves go up, as Math.round has them.
  assert.deepEqual([...numbers], [127, -63, 1, 0, -127, 1, 1, 0]);
});

test('what is read back differs by half a scale at most, whatever the size of a channel', () => {
  const random = new Random('eight bits');
  const sizes = [1e-30, 1e-3, 1, 40, 1e30];
  const length = 500;
  const data = Float32Array.from({ length: sizes.length * length }, (_, i) => {
    return sizes[Math.floor(i / length)] * (random.next() * 2 - 1);
  });
  const packed = toEightBits({ shape: [sizes.length, length], data });
  const { shape, data: read } = fromEightBits(packed);
  assert.deepEqual(shape, [sizes.length, length]);
  read.forEach((value, i) => {
    const scale = packed.scales[Math.floor(i / length)];
    assert.ok(Math.abs(value - data[i]) <= scale * 0.50001, `${value} for ${data[i]}`);
  });
});

test('a channel of zeros, and one too small for a scale, come back as zeros', () => {
  const packed = toEightBits({ shape: [2, 2], data: Float32Array.of(0, -0, 1e-45, 0) });
  assert.deepEqual([...packed.scales], [0, 0]);
  assert.deepEqual([...fromEightBits(packed).data], [0, 0, 0, 0]);
});

test('rounding what was rounded changes nothing', () => {
  const random = new Random('again');
  const data = Float32Array.from({ length: 300 }, () => random.next() - 0.3);
  const once = fromEightBits(toEightBits({ shape: [3, 100], data }));
  assert.deepEqual(toEightBits(once).numbers, toEightBits({ shape: [3, 100], data }).numbers);
});
