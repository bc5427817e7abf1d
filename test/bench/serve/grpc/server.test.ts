import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MessageReader } from '../../../../bench/serve/grpc/message-frames.ts';
import { type GrpcServer, serveGrpc } from '../../../../bench/serve/grpc/server.ts';
import { GrpcStatus, statusFields } from '../../../../bench/serve/grpc/status.ts';

const MAX_BYTES = 1_000;
const frame = (text: string): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(5), Buffer.from(text)]);
  bytes.writeUInt32BE(bytes.length - 5, 1);
  return bytes;
};

function flagged(flag: number, content: Uint8Array = Buffer.from('x')): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(5), content]);
  bytes.writeUInt8(flag, 0);
  bytes.writeUInt32BE(content.length, 1);
  return bytes;
}

let server: GrpcServer;
let session: ClientHttp2Session;
let closedCalls = 0;
beforeAll(async () => {
  server = await serveGrpc('127.0.0.1', 0, {
    maxRequestBytes: MAX_BYTES,
    unary: new Map([
      [
        '/test.Echo/Say',
        (request, reply) => {
          if (request.length === 0) reply(new GrpcStatus(5, 'nothing: 100 % — ✓'));
          else setTimeout(() => reply(frame(request.toString())), request.toString() === 'later' ? 50 : 0);
        },
      ],
    ]),
    streaming: new Map([
      [
        '/test.Echo/Talk',
        (call) => ({
          messages: (batch) => void call.send(Buffer.concat(batch.map((message) => frame(message.toString())))),
          ended: () => call.end(),
          closed: () => closedCalls++,
        }),
      ],
    ]),
  });
  session = connect(`http://127.0.0.1:${server.port}`);
});
afterAll(async () => {
  session.destroy();
  await server.close();
});

interface Answered {
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly trailers: Record<string, unknown>;
}

/** Sends a body in the pieces given. */
function call(path: string, pieces: readonly Buffer[], fields: Record<string, string> = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      ...fields,
    });
    let headers: Record<string, unknown> = {};
    let trailers: Record<string, unknown> = {};
    const body: Buffer[] = [];
    stream.on('response', (found) => {
      headers = found;
    });
    stream.on('trailers', (found) => {
      trailers = found;
    });
    stream.on('data', (piece: Buffer) => body.push(piece));
    stream.on('error', reject);
    stream.on('end', () => resolve({ headers, body: Buffer.concat(body).toString(), trailers }));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });
}

const say = (text: string): Promise<Answered> => call('/test.Echo/Say', [frame(text)]);

test('a call is answered with headers, one message and the status at the end', async () => {
  const { headers, body, trailers } = await say('hello');
  expect([headers[':status'], headers['content-type']]).toEqual([200, 'application/grpc']);
  expect(body).toBe(frame('hello').toString());
  expect(trailers['grpc-status']).toBe('0');
});

test('a refusal carries code and text, escaped', async () => {
  const { headers, body } = await say('');
  expect(body).toBe('');
  expect(headers['grpc-status']).toBe('5');
  expect(decodeURIComponent(String(headers['grpc-message']))).toBe('nothing: 100 % — ✓');
  expect(statusFields(new GrpcStatus(3, 'a%b\nc'))['grpc-message']).toBe('a%25b%0Ac');
});

test('a stream answers each message, and ends when the client does', async () => {
  const pieces = Array.from(Buffer.concat([frame('one'), frame(''), frame('three')]), (byte) => Buffer.from([byte]));
  const { body, trailers } = await call('/test.Echo/Talk', pieces);
  expect(body).toBe(Buffer.concat([frame('one'), frame(''), frame('three')]).toString());
  expect(trailers['grpc-status']).toBe('0');
  await expect.poll(() => closedCalls).toBe(1);
});

describe('what is wrong ends its call with the words of gRPC, and the connection goes on', () => {
  test.each([
    ['an unknown method', '/test.Echo/Shout', [frame('x')], '12', 'unknown method Shout for service test.Echo'],
    ['an unknown service', '/other/Say', [frame('x')], '12', 'unknown service other'],
    ['no path of a method', '/', [frame('x')], '12', 'malformed method name: "/"'],
    ['a message that is too long', '/test.Echo/Say', [frame('x'.repeat(1_001))], '8', '(1001 vs. 1000)'],
    ['the same of 4 GB', '/test.Echo/Say', [Buffer.from([0, 255, 255, 255, 255])], '8', '(4294967295 vs. 1000)'],
    ['the same on a stream', '/test.Echo/Talk', [frame('x'.repeat(1_001))], '8', '(1001 vs. 1000)'],
    ['a compressed message without an encoding', '/test.Echo/Say', [flagged(1)], '13', 'identity or empty encoding'],
    ['a flag that means nothing', '/test.Echo/Say', [flagged(7)], '13', 'unexpected payload format 7'],
    ['no message', '/test.Echo/Say', [], '2', 'EOF'],
    ['half a message', '/test.Echo/Say', [frame('xyz').subarray(0, 6)], '2', 'unexpected EOF'],
    ['half a message on a stream', '/test.Echo/Talk', [frame('xyz').subarray(0, 6)], '13', 'unexpected EOF'],
  ])('%s', async (_, path, pieces, code, text) => {
    const { headers } = await call(path, pieces);
    expect(headers['grpc-status']).toBe(code);
    expect(decodeURIComponent(String(headers['grpc-message']))).toContain(text);
    expect((await say('still there')).trailers['grpc-status']).toBe('0');
  });

  test('compressed messages: read, broken, of an unknown kind, too long inside', async () => {
    const send = (content: Uint8Array, encoding: string): Promise<Answered> =>
      call('/test.Echo/Say', [flagged(1, content)], { 'grpc-encoding': encoding });
    expect((await send(gzipSync('hello'), 'gzip')).body).toBe(frame('hello').toString());
    const refusals = [
      await send(Buffer.from('hello'), 'gzip'),
      await send(gzipSync('hello'), 'zstd'),
      await send(gzipSync('x'.repeat(100_000)), 'gzip'),
    ];
    expect(refusals.map(({ headers }) => headers['grpc-status'])).toEqual(['13', '12', '8']);
  });

  test('another content type, another method of HTTP', async () => {
    const wrong = await call('/test.Echo/Say', [frame('x')], { 'content-type': 'text/plain' });
    expect(wrong.headers[':status']).toBe(415);
    const get = await call('/test.Echo/Say', [frame('x')], { ':method': 'PUT' });
    expect(get.headers[':status']).toBe(405);
  });

  test('a call that its client resets, a connection that breaks, bytes that are no HTTP/2', async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/test.Echo/Say',
      'content-type': 'application/grpc',
    });
    stream.on('error', () => {});
    stream.end(frame('later'));
    stream.close(8);
    const other = connect(`http://127.0.0.1:${server.port}`);
    other.on('error', () => {});
    const talk = other.request({ ':method': 'POST', ':path': '/test.Echo/Talk', 'content-type': 'application/grpc' });
    talk.on('error', () => {});
    const before = closedCalls;
    talk.write(frame('x'));
    await new Promise((resolve) => talk.once('data', resolve));
    other.destroy();
    await expect.poll(() => closedCalls).toBe(before + 1);
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await say('still there')).trailers['grpc-status']).toBe('0');
  });
});

test('messages come out whole however the body is cut', () => {
  const texts = fc.array(fc.string({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, sizes) => {
      const body = Buffer.concat(sent.map(frame));
      const reader = new MessageReader(MAX_BYTES, '');
      const got: string[] = [];
      for (let at = 0, i = 0; at < body.length; i++) {
        const size = sizes[i % sizes.length] as number;
        expect(reader.push(body.subarray(at, at + size), (message) => got.push(message.toString()))).toBeNull();
        at += size;
      }
      expect(got).toEqual(sent);
      expect(reader.missing).toBe('EOF');
    }),
    { seed: 5, numRuns: 300 },
  );
});
