import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutInformationLines } from './stderrGate';

test('information is dropped, warnings and errors stay', () => {
  const log = [
    'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n',
    'I0000 00:00:1795411507.243062    9234 port.cc:153] oneDNN custom operations are on.\n',
    'E0000 00:00:1795412852.944981   18109 cuda_platform.cc:52] failed call to cuInit\n',
    'In other words\n',
    'no line feed at the end',
  ];
  assert.equal(withoutInformationLines(log.join('')), log.slice(2).join(''));
  assert.equal(withoutInformationLines(''), '');
});
