import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { receiveFile, type UploadedFile } from '../../server/http/multipart.ts';

const boundary = 'here-it-ends';
const contentType = `multipart/form-data; boundary=${boundary}`;
const part = (name: string, content: string | Buffer, extra = '') =>
  Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/html\r\n${extra}\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
const end = Buffer.from(`--${boundary}--\r\n`);
const body = (...parts: Buffer[]) => Readable.from(parts, { objectMode: false });
const keep = async (file: UploadedFile) => ({
  name: file.name,
  sniffedType: file.sniffedType,
  isText: file.isText,
  content: await buffer(file.stream),
});
const receive = (stream: Readable, type = contentType) => receiveFile({ stream, contentType: type }, keep);

describe('one file', () => {
  test.each([0, 1, 4_099, 4_100, 4_101, 300_000])('[IM30] %i bytes arrive whole', async (size) => {
    const content = Buffer.alloc(size, 'abc\n');
    const got = await receive(body(part('a.txt', content), end));
    expect(got.content.equals(content)).toBe(true);
    expect(got).toMatchObject({ name: 'a.txt', sniffedType: null, isText: true });
  });

  test('[IM30] in pieces of any size', async () => {
    const whole = Buffer.concat([part('a.txt', 'x'.repeat(5_000)), end]);
    for (const step of [1, 7, 64, 4_096]) {
      const pieces = [];
      for (let at = 0; at < whole.length; at += step) pieces.push(whole.subarray(at, at + step));
      expect((await receive(body(...pieces))).content.length).toBe(5_000);
    }
  });

  test('[IM32] its type is told from its bytes, not from what the client claims', async () => {
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(64)]);
    expect(await receive(body(part('a.html', png), end))).toMatchObject({
      sniffedType: 'image/png',
      isText: false,
    });
    expect(await receive(body(part('a.txt', Buffer.from([0xff, 0xfe, 0, 1])), end))).toMatchObject({
      isText: false,
    });
  });
});

describe('what is not one file', () => {
  test.each([
    ['another media type', body(Buffer.from('{}')), 'application/json', 'unsupported-media-type'],
    ['no boundary', body(end), 'multipart/form-data; x=1', 'invalid-input'],
    ['no file', body(end), contentType, 'invalid-input'],
    ['two files', body(part('a', 'x'), part('b', 'y'), end), contentType, 'invalid-input'],
    ['an early end', body(part('a', 'x')), contentType, 'invalid-input'],
    ['noise', body(Buffer.from('hello')), contentType, 'invalid-input'],
    [
      'a hundred fields',
      body(
        ...Array.from({ length: 100 }, (_, index) =>
          Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="f${index}"\r\n\r\nx\r\n`),
        ),
        end,
      ),
      contentType,
      'invalid-input',
    ],
  ])('[IM33] %s is refused', async (_, stream, type, code) => {
    await expect(receive(stream, type)).rejects.toMatchObject({ code });
  });

  test('[IM33] more than 25 MiB is refused and the rest of the body is read and dropped', async () => {
    let sent = 0;
    const endless = Readable.from(
      (async function* () {
        yield part('a', '').subarray(0, -2);
        for (; sent < 40; sent++) yield Buffer.alloc(1024 * 1024, 'x');
        yield Buffer.from('\r\n');
        yield end;
      })(),
      { objectMode: false },
    );
    await expect(receive(endless)).rejects.toMatchObject({ code: 'body-too-large' });
    expect(sent).toBe(40);
  });

  test('[IM33] a receiver that refuses answers at once with its own reason', async () => {
    const refusing = receiveFile(
      { stream: body(part('a.exe', 'x'.repeat(100_000)), end), contentType },
      async (file) => {
        file.stream.destroy();
        throw new Error('blocked');
      },
    );
    await expect(refusing).rejects.toThrow('blocked');
  });
});
