import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOutOfMemory } from './outOfMemory';

test('the end of memory is recognised in the words of each that reports it', () => {
  const messages = [
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[16777216,4096] and type float on /job:localhost/replica:0/task:0/device:CPU:0 by allocator mklcpu',
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[16,64,224,224] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc',
    'Invalid TF_Status: 8\nMessage: failed to allocate memory',
    'Dst tensor is not initialized.',
    'CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    'Failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED',
    'std::bad_alloc',
    'Array buffer allocation failed',
    'Invalid typed array length: 8589934592',
    'WebAssembly.Memory(): could not allocate memory',
    'WebAssembly.Memory.grow(): Maximum memory size exceeded',
    'Cannot enlarge memory arrays to size 4294967296 bytes (OOM).',
    'Aborted(OOM). Build with -sASSERTIONS for more info.',
    'spawn ENOMEM',
  ];
  for (const message of messages) {
    assert.equal(isOutOfMemory(new Error(message)), true, message);
  }
  assert.equal(isOutOfMemory('std::bad_alloc'), true);
});

test('other errors are not taken for it', () => {
  const messages = [
    'Invalid TF_Status: 3\nMessage: Incompatible shapes: [2,3] vs. [4]',
    'Invalid typed array length: -1',
    'loss is NaN in step 80 of the ROOM experiment',
    'Tensor is disposed.',
    'memory estimate: operation is unknown',
    'ENOSPC: no space left on device',
  ];
  for (const message of messages) {
    assert.equal(isOutOfMemory(new Error(message)), false, message);
  }
  assert.equal(isOutOfMemory(undefined), false);
});
