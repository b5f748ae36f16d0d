import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, newMessage } from './wire';

const KEY = 'secret';

test('a message survives the wire, whatever its content and its routing frames', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.uint8Array()), (content, routing) => {
      const message = newMessage('execute_request', content, 'session');
      const frames = [...routing.map((frame) => Buffer.from(frame)), ...encode(message, KEY)];
      const read = decode(frames, KEY);
      assert.deepEqual(read.header, message.header);
      assert.deepEqual(read.content, JSON.parse(JSON.stringify(content)));
    }),
  );
});

test('the signature is the HMAC-SHA256 of header, parent header, metadata and content', () => {
  const [delimiter, signature, ...parts] = encode(
    newMessage('status', { execution_state: 'idle' }, 's'),
    KEY,
  );
  assert.equal(delimiter?.toString(), '<IDS|MSG>');
  assert.equal(parts.length, 4);
  const expected = createHmac('sha256', KEY).update(Buffer.concat(parts)).digest('hex');
  assert.equal(signature?.toString(), expected);
});

test('a message signed with another key, changed, cut or without a delimiter is refused', () => {
  const frames = encode(newMessage('status', { execution_state: 'idle' }, 's'), KEY);
  const changed = frames.map((frame) => Buffer.from(frame.toString().replace('idle', 'busy')));
  assert.throws(() => decode(frames, 'other'), /wrong signature/);
  assert.throws(() => decode(changed, KEY), /wrong signature/);
  assert.throws(() => decode(frames.slice(0, -1), KEY), /4 frames after the delimiter, expected at least 5/);
  assert.throws(() => decode(frames.slice(1), KEY), /without the delimiter/);
  assert.throws(() => decode([frames[0]!, Buffer.from(''), ...frames.slice(2)], KEY), /wrong signature/);
});

test('a signed message whose content is no object is refused', () => {
  const parts = ['{}', '{}', '{}', '[1]'].map((part) => Buffer.from(part));
  const signature = createHmac('sha256', KEY).update(Buffer.concat(parts)).digest('hex');
  assert.throws(
    () => decode([Buffer.from('<IDS|MSG>'), Buffer.from(signature), ...parts], KEY),
    /content is no JSON object/,
  );
});
