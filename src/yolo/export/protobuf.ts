/** Writes messages of Protocol Buffers (protobuf.dev, "Encoding") field by field. */
export class Message {
  private readonly parts: Buffer[] = [];

  /** A whole number, from 0 to 2^53. */
  integer(field: number, value: number): this {
    this.parts.push(varint(field * 8), varint(value));
    return this;
  }

  /** A number of 4 bytes. */
  float(field: number, value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.parts.push(varint(field * 8 + 5), bytes);
    return this;
  }

  /** A number of 8 bytes. */
  double(field: number, value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.parts.push(varint(field * 8 + 1), bytes);
    return this;
  }

  /** A text, a message within the message, or any bytes. */
  bytes(field: number, value: string | Uint8Array | Message): this {
    const bytes =
      value instanceof Message ? value.build() : typeof value === 'string' ? Buffer.from(value) : value;
    this.parts.push(
      varint(field * 8 + 2),
      varint(bytes.length),
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    );
    return this;
  }

  build(): Buffer {
    return Buffer.concat(this.parts);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
