import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { UserError } from '../core/errors';
import { download } from './download';
import { MACHINE, type Machine } from './machine';
import { PartialFile } from './partialFile';
import { SILENT } from './progress';

type Handler = (response: ServerResponse, request: IncomingMessage) => void;

/** 100 000 bytes without a period. */
const BODY = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) >>> 13));
const ETAG = '"one"';

let folder: string;
let partial: PartialFile;
let server: Server;
let url: string;
let handlers: Handler[];
/** Header `range` of every request, in order. */
let ranges: (string | undefined)[];
let waits: number[];
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
  partial = new PartialFile(join(folder, 'file.bin'));
  handlers = [];
  ranges = [];
  waits = [];
  said = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    // The last one answers for ever.
    const handler = handlers.length > 1 ? handlers.shift() : handlers[0];
    handler?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** Fetches with waits that are noted, not waited for. */
function fetchIt(machine: Partial<Machine> = {}, signal = new AbortController().signal, maxBytes = 1e6) {
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  const progress = { ...SILENT, say: (text: string) => void said.push(text) };
  return download(url, partial, { maxBytes, signal, progress, machine: { ...MACHINE, wait, ...machine } });
}

/** A server that knows ranges, as RFC 9110 has it; `etag` changes when the file does. */
const whole =
  (body = BODY, etag = ETAG): Handler =>
  (response, { headers }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const resumed = headers.range !== undefined && headers['if-range'] === etag;
    if (resumed) response.setHeader('content-range', `bytes ${from}-${body.length - 1}/${body.length}`);
    const rest = resumed ? body.subarray(from) : body;
    response.writeHead(resumed ? 206 : 200, { etag, 'content-length': rest.length }).end(rest);
  };

/** Does something once so many bytes have reached the disk: what a reader holds when a connection breaks is lost. */
function onceWritten(bytes: number, act: () => void): void {
  const timer = setInterval(() => {
    if ((statSync(partial.path, { throwIfNoEntry: false })?.size ?? -1) < bytes) return;
    clearInterval(timer);
    act();
  }, 2);
}

/** Announces everything, sends `count` bytes of it and hangs up. */
const cut =
  (count: number, headers: Record<string, string> = { etag: ETAG }): Handler =>
  (response) => {
    response.writeHead(200, { 'content-length': BODY.length, ...headers });
    response.write(BODY.subarray(0, count));
    onceWritten(count, () => response.destroy());
  };
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (response) =>
    void response.writeHead(code, headers).end('no');

async function assertWhole(): Promise<void> {
  assert.ok((await readFile(partial.path)).equals(BODY));
}

test('a file is fetched by one request for all of it', async () => {
  handlers = [whole()];
  assert.deepEqual(await fetchIt(), {});
  await assertWhole();
  assert.deepEqual(ranges, [undefined]);
  assert.deepEqual(waits, []);
  assert.deepEqual((await readdir(folder)).sort(), ['file.bin.part', 'file.bin.part.json']);
});

test('after a cut only the rest is asked for', async () => {
  handlers = [cut(30_000), whole()];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=30000-']);
  assert.deepEqual(waits, [1_000]);
  assert.match(said[0], /^the connection broke off \(UND_ERR_SOCKET\); next attempt in 1 s$/);
});

test('another process goes on where one was ended', async () => {
  handlers = [cut(30_000)];
  const wait = () => Promise.reject(new Error('killed'));
  await assert.rejects(fetchIt({ wait }), /killed/);
  await truncate(partial.path, 12_345);
  handlers = [whole()];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=12345-']);
});

test('what is whole already is not asked for again', async () => {
  handlers = [whole()];
  await fetchIt();
  await fetchIt();
  assert.equal(ranges.length, 1);
});

test('any sequence of cuts ends with the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: BODY.length - 1 }), { maxLength: 5 }),
      async (cuts) => {
        await partial.remove();
        const resume: Handler[] = cuts.map((count) => (response, request) => {
          const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
          const rest = BODY.subarray(from);
          const headers = { etag: ETAG, 'content-length': rest.length };
          if (from > 0)
            response.setHeader('content-range', `bytes ${from}-${BODY.length - 1}/${BODY.length}`);
          response.writeHead(from > 0 ? 206 : 200, headers);
          const sent = rest.subarray(0, Math.min(count, rest.length - 1));
          response.flushHeaders();
          if (sent.length > 0) response.write(sent);
          onceWritten(from + sent.length, () => response.destroy());
        });
        handlers = [...resume, whole()];
        await fetchIt();
        await assertWhole();
      },
    ),
    { numRuns: 15 },
  );
});

test('a server that ignores ranges sends all of it again, into an empty file', async () => {
  const deaf: Handler = (response) =>
    response.writeHead(200, { etag: ETAG, 'content-length': BODY.length }).end(BODY);
  handlers = [cut(70_000), deaf];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=70000-']);
});

test('a file that changed on the server is fetched anew', async () => {
  const other = Buffer.from(BODY).reverse();
  handlers = [cut(30_000), whole(other, '"two"')];
  await fetchIt();
  assert.ok((await readFile(partial.path)).equals(other));
  assert.deepEqual(ranges, [undefined, 'bytes=30000-']);
});

test('a rest of another file, of another place or of another size is not appended', async () => {
  const rest = BODY.subarray(30_000);
  const wrong: [string, string][] = [
    ['"two"', 'bytes 30000-99999/100000'],
    [ETAG, 'bytes 20000-99999/100000'],
    [ETAG, 'bytes 30000-99999/200000'],
    [ETAG, 'bytes 30000-99999/*'],
    [ETAG, ''],
  ];
  for (const [etag, range] of wrong) {
    await partial.remove();
    ranges = [];
    handlers = [
      cut(30_000),
      (response) => response.writeHead(206, { etag, 'content-range': range }).end(rest),
      whole(),
    ];
    await fetchIt();
    await assertWhole();
    assert.deepEqual(ranges, [undefined, 'bytes=30000-', undefined], range);
  }
});

test('a rest that the server does not have means beginning anew', async () => {
  handlers = [cut(30_000), status(416), whole()];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=30000-', undefined]);
});

test('without a strong name of the bytes nothing is resumed', async () => {
  for (const headers of [{}, { etag: 'W/"one"' }]) {
    await partial.remove();
    ranges = [];
    handlers = [cut(30_000, headers as Record<string, string>), whole()];
    await fetchIt();
    await assertWhole();
    assert.deepEqual(ranges, [undefined, undefined]);
  }
});

test('bytes of another address, or without a note of what they are, are not used', async () => {
  const source = { url: 'http://elsewhere/', etag: ETAG, total: BODY.length };
  for (const note of [JSON.stringify(source), '{"url": 3}', 'no JSON', '']) {
    ranges = [];
    await writeFile(partial.path, Buffer.alloc(BODY.length));
    await writeFile(`${partial.path}.json`, note);
    handlers = [whole()];
    await fetchIt();
    await assertWhole();
    assert.deepEqual(ranges, [undefined], note);
  }
});

test('twice 503 is waited out: 1 s, then 2 s', async () => {
  handlers = [status(503), status(503), whole()];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(waits, [1_000, 2_000]);
  assert.equal(said[0], 'the server answers 503 Service Unavailable; next attempt in 1 s');
});

test('503 for ever ends after six attempts, and what was there is kept', async () => {
  handlers = [cut(30_000), status(503)];
  await assert.rejects(fetchIt(), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /file\.bin: the server answers 503 Service Unavailable; given up after 6 attempts; run the same command later \(the first 0\.0 MB are kept\), or get the file by other means and put it at .*file\.bin$/,
    );
    return true;
  });
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(ranges.length, 6);
  assert.ok((await readFile(partial.path)).equals(BODY.subarray(0, 30_000)));
});

test('a server that always breaks off at the same byte is given up', async () => {
  handlers = [cut(30_000, {})];
  await assert.rejects(fetchIt(), /broke off .*given up after 6 attempts; run the same command later, or/);
  assert.equal(ranges.length, 6);
});

test('a server may say how long to wait, within reason', async () => {
  handlers = [status(429, { 'retry-after': '7' }), whole()];
  await fetchIt();
  assert.deepEqual(waits, [7_000]);
  await partial.remove();
  handlers = [status(503, { 'retry-after': '3600' })];
  await assert.rejects(fetchIt(), /asks to come back in 3600 s; run the same command later/);
  assert.deepEqual(waits, [7_000]);
});

test('404 and 403 are final', async () => {
  for (const [code, text] of [
    [404, '404 Not Found'],
    [403, '403 Forbidden'],
  ] as const) {
    ranges = [];
    handlers = [status(code), whole()];
    await assert.rejects(fetchIt(), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        new RegExp(`: the server answers ${text}; give another address with --url`),
      );
      return true;
    });
    assert.equal(ranges.length, 1);
    assert.deepEqual(await readdir(folder), []);
  }
});

test('fewer bytes than announced are never taken for the file', async () => {
  // The connection ends in order, as a broken proxy does it.
  handlers = [
    (response) => {
      response.writeHead(200, { etag: ETAG, 'content-length': BODY.length });
      response.write(BODY.subarray(0, 99_999));
      onceWritten(99_999, () => response.socket?.end());
    },
    whole(),
  ];
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=99999-']);
});

test('a size that nobody names is found out', async () => {
  handlers = [
    (response) => {
      response.write(BODY.subarray(0, 50_000));
      response.end(BODY.subarray(50_000));
    },
  ];
  await fetchIt();
  await assertWhole();
});

test('a server that falls silent is given up, and the rest asked for', async () => {
  handlers = [
    (response) => {
      response.writeHead(200, { etag: ETAG, 'content-length': BODY.length });
      response.write(BODY.subarray(0, 40_000));
    },
    () => {},
    whole(),
  ];
  await fetchIt({ stallMilliseconds: 600 });
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=40000-', 'bytes=40000-']);
  assert.deepEqual(said, [
    'nothing came for 0.6 s; next attempt in 1 s',
    'nothing came for 0.6 s; next attempt in 2 s',
  ]);
});

test('a server that is slow but steady is not given up', async () => {
  handlers = [
    (response) => {
      response.writeHead(200, { etag: ETAG, 'content-length': BODY.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(BODY.subarray(sent, sent + 10_000));
        sent += 10_000;
        if (sent < BODY.length) return;
        clearInterval(timer);
        response.end();
      }, 150);
    },
  ];
  await fetchIt({ stallMilliseconds: 1_000 });
  await assertWhole();
  assert.equal(ranges.length, 1);
});

test('a server that is not there is tried again, a name that is not there is final', async () => {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(
    fetchIt(),
    /127\.0\.0\.1:\d+ can't be reached \(ECONNREFUSED\); given up after 6 attempts/,
  );
  assert.equal(waits.length, 5);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  url = 'http://no-such-host.invalid/file.bin';
  waits = [];
  const nameless = await fetchIt().catch((error) => error);
  assert.ok(nameless instanceof UserError);
});

test('redirects are followed, also relative ones, and the hash that the hub names is noted', async () => {
  const hash = 'ab'.repeat(32);
  handlers = [
    status(302, { location: '/storage/1', 'x-linked-etag': `"${hash}"` }),
    status(307, { location: `${url}?signed` }),
    whole(),
  ];
  assert.deepEqual(await fetchIt(), { sha256: hash });
  await assertWhole();
  assert.equal(ranges.length, 3);
  // Noted beside the bytes: nothing need be asked to know it.
  assert.deepEqual(await fetchIt(), { sha256: hash });
  assert.equal(ranges.length, 3);
});

test('redirects for ever, to other protocols or to nowhere are refused', async () => {
  const refused: [Handler, RegExp, number][] = [
    [status(302, { location: '/again' }), /more than 5 redirects/, 6],
    [status(302, { location: 'file:///etc/passwd' }), /redirects to file:\/\/, which is not followed/, 1],
    [status(302, { location: 'ftp://127.0.0.1/x' }), /redirects to ftp:\/\/, which is not followed/, 1],
    [status(302, { location: 'data:,x' }), /redirects to data:\/\/, which is not followed/, 1],
    [status(302), /redirects to nowhere/, 1],
    [status(302, { location: 'http://' }), /redirects to nowhere/, 1],
  ];
  for (const [handler, pattern, requests] of refused) {
    ranges = [];
    handlers = [handler];
    await assert.rejects(fetchIt(), (error) => error instanceof UserError && pattern.test(error.message));
    assert.equal(ranges.length, requests);
  }
});

test('an address that is none, or none of the web, is refused', async () => {
  for (const wrong of ['', 'x', 'file:///etc/passwd', 'ftp://x/y']) {
    url = wrong;
    await assert.rejects(fetchIt(), /is no address to fetch from; expected one that begins with http/);
  }
});

test('a file that is compressed on the way is refused', async () => {
  handlers = [(response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(BODY)];
  await assert.rejects(fetchIt(), /compresses the file on the way/);
});

test('a file larger than it can be is refused, announced or not', async () => {
  handlers = [whole()];
  await assert.rejects(fetchIt({}, undefined, 99_999), /sends 0\.1 MB or more, expected at most 0\.1 MB/);
  handlers = [(response) => void response.write(BODY, () => response.end())];
  await assert.rejects(fetchIt({}, undefined, 99_999), /it is another file/);
});

test('a full disk ends it; with space again it goes on from the last byte', async () => {
  handlers = [whole()];
  let space = 50_000;
  const full: Machine['open'] = async (path, flags) => {
    const file = await open(path, flags);
    return {
      sync: () => file.sync(),
      close: () => file.close(),
      write: async (data, offset, length, position) => {
        const writable = Math.min(length, space);
        if (writable === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        space -= writable;
        return file.write(data, offset, writable, position);
      },
    };
  };
  await assert.rejects(fetchIt({ open: full }), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /file\.bin\.part: the disk is full; free some space and run the same command again/,
    );
    return true;
  });
  assert.ok((await readFile(partial.path)).equals(BODY.subarray(0, 50_000)));
  assert.deepEqual(waits, []);
  await fetchIt();
  await assertWhole();
  assert.deepEqual(ranges, [undefined, 'bytes=50000-']);
});

test('a disk that can not hold the rest is not filled', async () => {
  handlers = [whole()];
  await assert.rejects(
    fetchIt({ freeBytes: async () => 99_999 }),
    /0\.1 MB of disk are free, the rest of file\.bin needs 0\.1 MB; free some or give another folder with --to/,
  );
  assert.equal(existsSync(partial.path), false);
});

test('an end by the user keeps what came, during a body as during a wait', async () => {
  const controller = new AbortController();
  handlers = [
    (response) => {
      response.writeHead(200, { etag: ETAG, 'content-length': BODY.length });
      response.write(BODY.subarray(0, 40_000));
    },
  ];
  const slowly: Machine['open'] = async (path, flags) => {
    const file = await open(path, flags);
    return {
      sync: () => file.sync(),
      close: () => file.close(),
      write: async (data, offset, length, position) => {
        const result = await file.write(data, offset, length, position);
        if (position + length === 40_000) setImmediate(() => controller.abort('SIGINT'));
        return result;
      },
    };
  };
  await assert.rejects(fetchIt({ open: slowly }, controller.signal), (reason) => reason === 'SIGINT');
  assert.ok((await readFile(partial.path)).equals(BODY.subarray(0, 40_000)));

  const second = new AbortController();
  handlers = [status(503)];
  const wait: Machine['wait'] = (milliseconds, signal) => {
    setImmediate(() => second.abort('SIGTERM'));
    return MACHINE.wait(milliseconds, signal);
  };
  await assert.rejects(fetchIt({ wait }, second.signal), (reason) => reason === 'SIGTERM');
  assert.ok((await readFile(partial.path)).equals(BODY.subarray(0, 40_000)));
});
