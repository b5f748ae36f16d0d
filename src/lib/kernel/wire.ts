import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** Envelope of a Jupyter message (protocol 5.3). */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** A Jupyter message without its routing frames. */
export interface Message {
  readonly header: Header;
  /** Header of the request that this message answers; empty where there is none. */
  readonly parentHeader: Partial<Header>;
  readonly content: Readonly<Record<string, unknown>>;
}

const DELIMITER = Buffer.from('<IDS|MSG>');

/** Version of the messaging protocol that we speak. */
const PROTOCOL = '5.3';

/** A request as it goes on the wire. */
export function newMessage(type: string, content: Record<string, unknown>, session: string): Message {
  const header: Header = {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: 'yolov1',
    date: new Date().toISOString(),
    version: PROTOCOL,
  };
  return { header, parentHeader: {}, content };
}

/** Frames of a message: delimiter, signature, header, parent header, metadata, content. */
export function encode(message: Message, key: string): Buffer[] {
  const parts = [message.header, message.parentHeader, {}, message.content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [DELIMITER, Buffer.from(sign(parts, key)), ...parts];
}

/**
 * Reads the frames of a message and checks who signed it.
 *
 * @throws Error if the delimiter or a frame is missing, the signature is not that of `key`, or a part is no
 *   JSON object. Nothing of an unsigned message is parsed.
 */
export function decode(frames: readonly Buffer[], key: string): Message {
  const start = frames.findIndex((frame) => frame.equals(DELIMITER));
  if (start < 0) throw new Error('message without the delimiter <IDS|MSG>');
  const [signature, ...parts] = frames.slice(start + 1);
  const [header, parentHeader, metadata, content] = parts;
  if (!signature || !header || !parentHeader || !metadata || !content) {
    throw new Error(
      `message of ${frames.length - start - 1} frames after the delimiter, expected at least 5`,
    );
  }
  const expected = Buffer.from(sign(parts, key));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw new Error('message with a wrong signature');
  }
  return {
    header: parseObject(header, 'header') as unknown as Header,
    parentHeader: parseObject(parentHeader, 'parent header'),
    content: parseObject(content, 'content'),
  };
}

/** HMAC-SHA256 over all parts in order, in hexadecimal. */
function sign(parts: readonly Buffer[], key: string): string {
  const hash = createHmac('sha256', key);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function parseObject(frame: Buffer, name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(frame.toString());
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`message whose ${name} is no JSON object`);
  }
  return value as Record<string, unknown>;
}
