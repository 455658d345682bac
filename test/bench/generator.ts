/**
 * The project's own load generator: a process with thousands of raw TCP connections that scans what it
 * receives for stamps and does not parse events. One process publishes and receives, so one clock serves.
 *
 *   node test/bench/generator.ts load.json     prints one LoadResult as JSON
 */
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { fillIn, type Load, type LoadResult, type Step } from './load.ts';
import { readUsage, type Usage } from './processes.ts';
import { createHistogram, type Histogram } from './statistics.ts';
import { createTally } from './tally.ts';

const STAMP_DIGITS = 16;
/** Behind a stamp: who wrote it. */
const AUTHOR = ' #';
const AUTHOR_DIGITS = 6;
const CONNECTS_IN_FLIGHT = 128;
const NO_PROGRESS_MS = 10_000;
/** Long, so that a server which has fallen behind shows how far, instead of nothing. */
const STRAGGLERS_MS = 10_000;

const load = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Load;
const marker = Buffer.from(load.profile.marker);
const hasAuthor = load.profile.publish.includes(`@T@${AUTHOR}@I@`);
const BEHIND_BYTES = STAMP_DIGITS + (hasAuthor ? AUTHOR.length + AUTHOR_DIGITS : 0);
/** What may be the beginning of a marker, stamp and author that the next read completes. */
const TAIL_BYTES = marker.length + BEHIND_BYTES - 1;

/** µs since 1970, as the stamps are. */
const nowMicros = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let deliveries = createHistogram();
let acks = createHistogram();
let delivered = 0;
let measuredFrom = 0;
let measuredUntil = Number.POSITIVE_INFINITY;
let acknowledged = 0;
let refused = 0;
let closed = 0;
let isOver = false;

/** What each person has written and who got it; with two endpoints a person is the same row of columns. */
let tally = createTally();
const personOf = (connection: number) => connection % Math.max(1, load.columns.length);

function authorIn(bytes: Buffer, at: number): number | null {
  const text = bytes.toString('latin1', at, at + AUTHOR.length + AUTHOR_DIGITS);
  return text.startsWith(AUTHOR) ? personOf(Number(text.slice(AUTHOR.length))) : null;
}

/** Counts the stamps in these bytes and returns how many bytes at the end must be seen again. */
function scan(bytes: Buffer): number {
  let from = 0;
  let now = 0;
  for (;;) {
    const found = bytes.indexOf(marker, from);
    if (found < 0 || bytes.length - found - marker.length < BEHIND_BYTES) break;
    const start = found + marker.length;
    let stamp = 0;
    let digits = 0;
    for (; digits < STAMP_DIGITS; digits++) {
      const digit = (bytes[start + digits] ?? 0) - 48;
      if (digit < 0 || digit > 9) break;
      stamp = stamp * 10 + digit;
    }
    from = start;
    if (digits < STAMP_DIGITS) continue;
    from = start + STAMP_DIGITS;
    delivered++;
    const author = hasAuthor ? authorIn(bytes, from) : null;
    if (author !== null) tally.delivered(author, stamp);
    if (measuredFrom > 0 && stamp >= measuredFrom && stamp < measuredUntil) {
      now ||= nowMicros();
      deliveries.record(now - stamp);
    }
  }
  return Math.min(bytes.length - from, TAIL_BYTES);
}

/** One read buffer for all connections: a read is scanned before the next can happen. */
const READ_BYTES = 256 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(TAIL_BYTES + READ_BYTES);

/** Opens a connection whose bytes go to `take`; `buffer` of every call is the shared one. */
function open(take: (count: number) => void, atClose: () => void): Socket {
  const socket = createConnection({
    host: '127.0.0.1',
    port: load.port,
    noDelay: true,
    onread: {
      buffer: readBuffer.subarray(TAIL_BYTES),
      callback: (count) => {
        take(count);
        return true;
      },
    },
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (!isOver) {
      closed++;
      atClose();
    }
  });
  return socket;
}

const sockets: Socket[] = [];
const keeps = load.profile.keeps === undefined ? null : new RegExp(load.profile.keeps);
/** What each connection has kept last. */
const kept: string[] = [];

/** Runs the script on a new connection; afterwards everything it receives is scanned. */
function subscribe(connection: number, steps: readonly Step[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const tail = Buffer.allocUnsafe(TAIL_BYTES);
    let tailLength = 0;
    let isUp = false;
    let text = '';
    let step = 0;
    const advance = () => {
      for (let current = steps[step]; current; current = steps[++step]) {
        if ('send' in current) {
          socket.write(fillIn(current.send, load, connection, nowMicros(), kept[connection]));
          continue;
        }
        if ('sendBytes' in current) {
          socket.write(Uint8Array.from(current.sendBytes));
          continue;
        }
        const found = text.indexOf(current.expect);
        if (found < 0) return;
        text = text.slice(found + current.expect.length);
      }
      isUp = true;
      text = '';
      resolve();
    };
    const socket = open(
      (count) => {
        if (!isUp) {
          text += readBuffer.toString('latin1', TAIL_BYTES, TAIL_BYTES + count);
          kept[connection] = keeps?.exec(text)?.[1] ?? kept[connection] ?? '';
          advance();
          return;
        }
        const start = TAIL_BYTES - tailLength;
        tail.copy(readBuffer, start, 0, tailLength);
        const bytes = readBuffer.subarray(start, TAIL_BYTES + count);
        tailLength = scan(bytes);
        bytes.copy(tail, 0, bytes.length - tailLength);
        pump();
      },
      () => reject(new Error(`connection ${connection} was closed at step ${step}: ${text.slice(0, 300)}`)),
    );
    sockets[connection] = socket;
    socket.on('connect', advance);
  });
}

/** Opens all streams at even distances. Gives how long each took to the end of its script, in µs. */
async function arriveEvenly(seconds: number, steps: readonly Step[]): Promise<Histogram> {
  const durations = createHistogram();
  await Promise.all(
    Array.from({ length: load.subscribers }, async (_, connection) => {
      await wait((connection / load.subscribers) * seconds * 1000);
      const startedAt = nowMicros();
      await subscribe(connection, steps);
      durations.record(nowMicros() - startedAt);
    }),
  );
  return durations;
}

/** Drops every stream at once and brings them back. */
function raiseStorm(returnSeconds: number): Promise<Histogram> {
  for (const socket of sockets) {
    socket.removeAllListeners('close');
    socket.destroy();
  }
  return arriveEvenly(returnSeconds, load.profile.resubscribe ?? load.profile.subscribe);
}

interface Publisher {
  readonly socket: Socket;
  isBusy: boolean;
  sentAt: number;
  answer: string;
}
const publishers: Publisher[] = [];

/** Takes one answer off a publisher's connection when it is complete; there is never more than one. */
function takeAnswer(publisher: Publisher): void {
  const { answer } = publisher;
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return;
  const head = answer.slice(0, headEnd).toLowerCase();
  const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
  if (head.includes('\r\ntransfer-encoding: chunked')) {
    if (!answer.endsWith('0\r\n\r\n')) return;
  } else if (answer.length < headEnd + 4 + length) return;
  const status = Number(head.slice(9, 12));
  if (status >= 200 && status < 300) acknowledged++;
  else if (refused++ === 0) process.stderr.write(`refused: ${answer.slice(0, 600)}\n`);
  if (measuredFrom > 0 && !isOver) acks.record(nowMicros() - publisher.sentAt);
  publisher.answer = '';
  publisher.isBusy = false;
}

function openPublisher(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(
      (count) => {
        publisher.answer += readBuffer.toString('latin1', TAIL_BYTES, TAIL_BYTES + count);
        takeAnswer(publisher);
        pump();
      },
      () => reject(new Error('a publisher was closed')),
    );
    const publisher: Publisher = { socket, isBusy: false, sentAt: 0, answer: '' };
    publishers.push(publisher);
    socket.on('connect', () => resolve());
  });
}

/** What is published: the one kind of a simple load, or the kinds of a mix, each with its own clock. */
interface Kind {
  readonly text: string;
  readonly fanOut: number;
  /** µs between two of them; 0 = closed loop. */
  readonly everyMicros: number;
  dueAt: number;
  nextUser: number;
}
const micros = (perSecond: number) => (perSecond > 0 ? 1e6 / perSecond : 0);
const kinds: readonly Kind[] = (
  load.mix ?? [{ text: load.profile.publish, perSecond: load.rate, fanOut: load.fanOut }]
).map(({ text, perSecond, fanOut }) => ({
  text,
  fanOut,
  everyMicros: micros(perSecond),
  dueAt: 0,
  nextUser: 0,
}));

/** In a mix, neighbours in the list, who share contacts, do not act one after the other. A prime, so that all have their turn. */
const stride = load.mix ? 7_919 : 1;

let isPublishing = false;
let sent = 0;
/** Deliveries that everything sent so far leads to. */
let owed = 0;
let deliveredBefore = 0;
let nextPublisher = 0;

/** The connection of a publisher who waits for no answer, and does from now on. */
function takePublisher(stamp: number): Socket | null {
  for (let tries = 0; tries < publishers.length; tries++) {
    const index = (nextPublisher + tries) % publishers.length;
    const publisher = publishers[index];
    if (!publisher || publisher.isBusy || publisher.socket.destroyed) continue;
    nextPublisher = (index + 1) % publishers.length;
    publisher.isBusy = true;
    publisher.sentAt = stamp;
    return publisher.socket;
  }
  return null;
}

/** The kind that is due longest, or null when nothing may be sent yet. */
function findDue(now: number): Kind | null {
  let due: Kind | null = null;
  for (const kind of kinds) {
    if (kind.everyMicros === 0) {
      if (owed - (delivered - deliveredBefore) >= load.outstanding * kind.fanOut) continue;
    } else if (kind.dueAt > now) continue;
    if (due === null || kind.dueAt < due.dueAt) due = kind;
  }
  return due;
}

/** Publishes as much as the rates or the number outstanding allow now. */
function pump(): void {
  while (isPublishing) {
    const now = nowMicros();
    const kind = findDue(now);
    if (!kind) return;
    const stamp = kind.everyMicros > 0 ? Math.round(kind.dueAt) : now;
    const socket = load.profile.isPublishedOnStream ? sockets[kind.nextUser] : takePublisher(stamp);
    if (!socket) return;
    socket.write(fillIn(kind.text, load, kind.nextUser, stamp));
    if (hasAuthor && kind.text === load.profile.publish)
      tally.published(personOf(kind.nextUser), stamp, kind.fanOut);
    kind.nextUser = (kind.nextUser + stride) % load.subscribers;
    kind.dueAt += kind.everyMicros;
    sent++;
    owed += kind.fanOut;
  }
}

/** As fast as they can. */
async function connectAll(): Promise<null> {
  let next = 0;
  const lane = async () => {
    while (next < load.subscribers) await subscribe(next++, load.profile.subscribe);
  };
  await Promise.all(Array.from({ length: CONNECTS_IN_FLIGHT }, lane));
  return null;
}

/** ms from a histogram of µs; null of nothing, which must never look like 0. */
const percentileMs = (histogram: Histogram, share: number): number | null =>
  histogram.count === 0 ? null : histogram.percentile(share) / 1000;

/** Of one core, over this time. */
const cpuPercent = (before: Usage | null, after: Usage | null, elapsedMs: number) =>
  before && after ? ((after.cpuMs - before.cpuMs) / elapsedMs) * 100 : null;

const perUnit = (before: Usage | null, after: Usage | null, count: number) =>
  before && after && count > 0 ? ((after.cpuMs - before.cpuMs) * 1000) / count : null;

interface Measurement {
  readonly elapsedMs: number;
  readonly events: number;
  readonly publishes: number;
  readonly before: Usage | null;
  readonly after: Usage | null;
  readonly generatorCpuPercent: number;
}

/** Measures for the load's time what goes on anyway. */
async function measure(): Promise<Measurement> {
  deliveries = createHistogram();
  acks = createHistogram();
  measuredUntil = Number.POSITIVE_INFINITY;
  measuredFrom = nowMicros();
  const before = readUsage(load.serverPids);
  const ownBefore = process.cpuUsage();
  const [deliveredFrom, sentFrom] = [delivered, sent];
  const until = performance.now() + load.seconds * 1000;
  let lastDelivered = delivered;
  let lastProgressAt = performance.now();
  while (performance.now() < until) {
    await wait(Math.min(100, Math.max(1, until - performance.now())));
    if (delivered !== lastDelivered) [lastDelivered, lastProgressAt] = [delivered, performance.now()];
    if (kinds[0]?.everyMicros === 0 && performance.now() - lastProgressAt > NO_PROGRESS_MS) {
      throw new Error(
        `no progress for ${NO_PROGRESS_MS} ms: ${sent} sent, ${delivered - deliveredBefore} of ${owed} delivered`,
      );
    }
  }
  measuredUntil = nowMicros();
  const own = process.cpuUsage(ownBefore);
  const elapsedMs = (measuredUntil - measuredFrom) / 1000;
  return {
    elapsedMs,
    events: delivered - deliveredFrom,
    publishes: sent - sentFrom,
    before,
    after: readUsage(load.serverPids),
    generatorCpuPercent: ((own.user + own.system) / 1000 / elapsedMs) * 100,
  };
}

function startPublishing(): void {
  deliveredBefore = delivered;
  owed = 0;
  tally = createTally();
  for (const kind of kinds) kind.dueAt = nowMicros();
  isPublishing = load.publishers > 0 || load.profile.isPublishedOnStream === true;
  pump();
}

/** Publishes no more and waits for what is still on its way. */
async function stopPublishing(): Promise<void> {
  isPublishing = false;
  const until = performance.now() + STRAGGLERS_MS;
  const isComplete = () => delivered - deliveredBefore >= owed && publishers.every(({ isBusy }) => !isBusy);
  while (performance.now() < until && !isComplete()) await wait(20);
}

/** Publishing goes on while the streams drop and return; afterwards counting starts afresh. */
async function weather({ returnSeconds, settleSeconds }: NonNullable<Load['storm']>) {
  const deliveryP99Before = percentileMs(deliveries, 0.99);
  const before = readUsage(load.serverPids);
  const startedAt = performance.now();
  const returns = await raiseStorm(returnSeconds);
  const after = readUsage(load.serverPids);
  const elapsedMs = performance.now() - startedAt;
  await wait(settleSeconds * 1000);
  await stopPublishing();
  startPublishing();
  return {
    deliveryP99Before,
    cpuPercentMeanwhile: cpuPercent(before, after, elapsedMs),
    returnP50: percentileMs(returns, 0.5),
    returnP99: percentileMs(returns, 0.99),
    rssMbBefore: before?.rssMb ?? null,
  };
}

async function main(): Promise<LoadResult> {
  const atStart = readUsage(load.serverPids);
  const startedAt = performance.now();
  const { arrivalSeconds, profile } = load;
  const durations = arrivalSeconds
    ? await arriveEvenly(arrivalSeconds, profile.subscribe)
    : await connectAll();
  const connectMs = performance.now() - startedAt;
  const connected = readUsage(load.serverPids);
  await wait(load.holdSeconds * 1000);
  const idle = readUsage(load.serverPids);
  for (let count = 0; count < load.publishers; count++) await openPublisher();

  const ticker = setInterval(pump, 1);
  startPublishing();
  await wait(load.warmSeconds * 1000);
  let measured = await measure();
  let storm: LoadResult['storm'] = null;
  if (load.storm) {
    const passed = await weather(load.storm);
    measured = await measure();
    storm = { ...passed, rssMbAfter: measured.after?.rssMb ?? null };
  }
  clearInterval(ticker);
  await stopPublishing();
  isOver = true;

  const { elapsedMs, events, publishes, before, after } = measured;
  return {
    generator: 'node',
    publishesPerSecond: (publishes / elapsedMs) * 1000,
    eventsPerSecond: (events / elapsedMs) * 1000,
    lost: owed - (delivered - deliveredBefore) - tally.superseded(),
    superseded: tally.superseded(),
    acknowledged,
    refused,
    closed,
    cpuMicrosPerEvent: perUnit(before, after, events),
    serverCpuPercent: cpuPercent(before, after, elapsedMs),
    generatorCpuPercent: measured.generatorCpuPercent,
    deliveryP50: percentileMs(deliveries, 0.5),
    deliveryP99: percentileMs(deliveries, 0.99),
    ackP50: percentileMs(acks, 0.5),
    ackP99: percentileMs(acks, 0.99),
    connectsPerSecond: (load.subscribers / connectMs) * 1000,
    connectCpuMicros: perUnit(atStart, connected, load.subscribers),
    idleRssMb: idle?.rssMb ?? null,
    rssKbPerStream: idle && atStart ? ((idle.rssMb - atStart.rssMb) * 1024) / load.subscribers : null,
    arrivals: durations && {
      p50: percentileMs(durations, 0.5),
      p99: percentileMs(durations, 0.99),
      serverCpuPercent: cpuPercent(atStart, connected, connectMs),
    },
    storm,
  };
}

try {
  process.stdout.write(`${JSON.stringify(await main())}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
