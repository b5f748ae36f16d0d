import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { initBackend } from '../tensor/backend';
import { prepareNetworkWork } from './networkWork';

before(() => initBackend());

for (const kind of ['forward', 'frozen', 'batch', 'update'] as const) {
  test(`the work of ${kind} can be repeated`, async () => {
    const repeat = prepareNetworkWork({ kind, network: 'resnet18-conv', batch: 1 });
    for (let call = 0; call < 3; call++) assert.ok(Number.isFinite(await repeat()));
  });
}
