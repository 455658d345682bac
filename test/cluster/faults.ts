/**
 * The faults: three nodes on a PostgreSQL and a NATS of their own, everybody sending, and one thing after
 * another goes wrong. Answers what there is to complain of, and what was measured.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PresenceView } from '../../server/protocol/presence.ts';
import { type PrivateService, startPrivateNats, startPrivatePostgres } from '../support/private-services.ts';
import { freePorts, type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { openStream } from '../support/sse-client.ts';
import { judge } from './history.ts';
import { chanceFrom, type Person, pause, Rehearsal } from './rehearsal.ts';

export interface FaultRun {
  readonly seed: number;
  /** Streams in all, one a person; three for each conversation. */
  readonly conversations: number;
  /** Mean time between two messages of a conversation. */
  readonly everyMs: number;
  /** How long a stopped node stands still. */
  readonly stoppedMs: number;
  /** Calm between two faults. */
  readonly calmMs: number;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export interface FaultResult {
  readonly complaints: readonly string[];
  readonly acknowledged: number;
  /** How long streams were away, ms, sorted. */
  readonly returns: readonly number[];
  /** From the death of a node to the moment at which an endpoint of it was offline on every node, ms. */
  readonly goneAfterMs: number;
  readonly agreedAfterMs: number;
}

/** What every node shows but each view's own counter. */
const shown = ({ sequence: _, ...view }: PresenceView): string => JSON.stringify(view);
const agreeWithinMs = 45_000;

export async function runFaults(run: FaultRun): Promise<FaultResult> {
  const { say } = run;
  // One of its own for the faults: how often clients ask theirs depends on the clock.
  const chance = chanceFrom(run.seed);
  const complaints: string[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'jellybean-faults-'));
  // PostgreSQL's own account has to get through to its folder.
  chmodSync(folder, 0o711);
  const services: PrivateService[] = [];
  const nodes: ServerProcess[] = [];
  let isOver = false;
  try {
    const [postgresPort = 0, natsPort = 0] = await freePorts(2);
    const store = await startPrivatePostgres(folder, postgresPort);
    services.push(store);
    const bus = await startPrivateNats(natsPort);
    services.push(bus);
    const down = new Set<ServerProcess>();
    const start = async () => {
      const node = await startServerProcess(path.join(folder, 'files'), {
        env: {
          JELLYBEAN_STORE: store.url,
          JELLYBEAN_BUS: bus.url,
          JELLYBEAN_RATE_FACTOR: '0',
          JELLYBEAN_LOG_LEVEL: 'silent',
        },
      });
      node.process.once('exit', (code, signal) => {
        if (down.has(node) || isOver) return;
        down.add(node);
        complaints.push(`a node ended by itself (${code ?? signal}): ${node.output().slice(-2_000)}`);
      });
      return node;
    };
    for (let node = 0; node < 3; node += 1) nodes.push(await start());
    const addresses = () => nodes.filter((node) => !down.has(node)).map(({ http }) => http);
    // Clients know every node, also one that hangs: that is for them to find out.
    const rehearsal = new Rehearsal(() => nodes.map(({ http }) => http), chanceFrom(run.seed + 1));

    const witness = await rehearsal.signIn('alice@contoso.example');
    const { items } = await rehearsal.insist<{ items: { address: string }[] }>(
      witness.token,
      'GET',
      `/people?q=contoso&limit=100`,
    );
    const wanted = run.conversations * 3;
    const addressesOf = new Set(items.map(({ address }) => address));
    for (const letter of 'abcdefghijklmnoprstuvwz') {
      if (addressesOf.size > wanted + 10) break;
      const more = await rehearsal.insist<{ items: { address: string }[] }>(
        witness.token,
        'GET',
        `/people?q=${letter}&limit=100`,
      );
      for (const { address } of more.items) addressesOf.add(address);
    }
    const people: Person[] = [];
    const outside = new Set(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map((name) => `${name}@contoso.example`),
    );
    for (const address of addressesOf) {
      if (people.length === wanted + 1) break;
      if (!outside.has(address) && address.endsWith('@contoso.example'))
        people.push(await rehearsal.signIn(address));
    }
    if (people.length < wanted + 1) throw new Error(`the demo organisation has only ${people.length} people`);
    const leaver = people.pop() as Person;

    const talks: { id: string; people: Person[] }[] = [];
    await Promise.all(people.map((person) => rehearsal.follow(person)));
    for (let at = 0; at < run.conversations; at += 1) {
      const three = people.slice(at * 3, at * 3 + 3);
      const [first, ...others] = three as [Person, Person, Person];
      const { id } = await rehearsal.insist<{ id: string }>(first.token, 'POST', '/conversations', {
        participants: others.map((person) => person.id),
        subject: `run ${run.seed}, ${at}`,
      });
      talks.push({ id, people: three });
      rehearsal.send(first, id, run.everyMs);
    }
    say(`${people.length} streams, ${talks.length} conversations`);

    /** The leaver's stream is on a node that dies, and never comes back. */
    let goneAfterMs = Number.NaN;
    const watchLeaver = async (diedAt: number) => {
      for (;;) {
        await pause(250);
        const views = await Promise.all(
          addresses().map(async (base) => {
            const path = `/presence/${leaver.id}`;
            const answer = await rehearsal
              .call<PresenceView>(base, witness.token, 'GET', path)
              .catch(() => null);
            return answer?.status === 200 ? answer.body.availability : null;
          }),
        );
        const after = Date.now() - diedAt;
        if (views.includes('offline') && after < 30_000)
          complaints.push(`an endpoint of a dead node was offline after ${after} ms already`);
        if (views.every((availability) => availability === 'offline')) {
          goneAfterMs = after;
          return;
        }
        if (after > agreeWithinMs + 15_000) {
          complaints.push(`an endpoint of a dead node was still there after ${after} ms: ${views}`);
          return;
        }
      }
    };
    let leaving: Promise<void> = Promise.resolve();

    const faults: Record<string, (victim: number) => Promise<void>> = {
      'a node is killed': async (victim) => {
        const dying = nodes[victim] as ServerProcess;
        let diedAt = 0;
        if (Number.isNaN(goneAfterMs)) {
          // The fault before may still be felt: it comes as soon as it can.
          for (let tries = 0; ; tries += 1) {
            const stream = await openStream(`${dying.http}/api/v1/events?endpoint=leaver`, {
              token: leaver.token,
            });
            if (stream.status === 200) {
              await stream.next('presence.snapshot', { withinMs: 20_000 });
              break;
            }
            if (tries > 100) throw new Error(`no stream on node ${victim}: ${stream.raw}`);
            await pause(200);
          }
          await pause(1_000);
        }
        down.add(dying);
        await dying.end('SIGKILL');
        diedAt = Date.now();
        if (Number.isNaN(goneAfterMs)) {
          goneAfterMs = -1;
          leaving = watchLeaver(diedAt);
        }
        await pause(1_500);
        nodes[victim] = await start();
      },
      'a node stands still': async (victim) => {
        const node = nodes[victim] as ServerProcess;
        down.add(node);
        node.process.kill('SIGSTOP');
        await pause(run.stoppedMs);
        node.process.kill('SIGCONT');
        down.delete(node);
      },
      'NATS is killed and started again': () => bus.restart('SIGKILL', 1_000),
      'PostgreSQL is restarted': () => store.restart('SIGINT', 1_000),
      'PostgreSQL is killed and started again': () => store.restart('SIGQUIT', 1_000),
    };

    await pause(run.calmMs);
    for (let round = 0; round < run.rounds; round += 1) {
      const order = Object.keys(faults);
      for (let at = order.length - 1; at > 0; at -= 1) {
        const other = Math.floor(chance() * (at + 1));
        [order[at], order[other]] = [order[other] as string, order[at] as string];
      }
      for (const fault of order) {
        const victim = Math.floor(chance() * nodes.length);
        say(`${fault} (node ${victim}); ${rehearsal.acknowledged.length} acknowledged so far`);
        await faults[fault]?.(victim);
        await pause(run.calmMs);
      }
    }
    const calmAt = Date.now();
    await rehearsal.stopSending();

    // All nodes show the same of everybody, and everybody who has a stream is there.
    let agreedAfterMs = Number.NaN;
    let differences: string[] = [];
    while (Date.now() - calmAt < agreeWithinMs) {
      const ids = people.map(({ id }) => id);
      const answers = await Promise.all(
        addresses().map((base) =>
          rehearsal
            .call<{ items: PresenceView[] }>(base, witness.token, 'POST', '/presence/query', { ids })
            .catch(() => null),
        ),
      );
      differences = [];
      const lists = answers.map((answer) => (answer?.status === 200 ? answer.body.items : []));
      for (const [at, id] of ids.entries()) {
        const views = lists.map((list) => list[at]);
        if (views.some((view) => view === undefined || view.availability !== 'available'))
          differences.push(`${id}: ${views.map((view) => view?.availability)}`);
        else if (new Set((views as PresenceView[]).map(shown)).size > 1)
          differences.push(`${id}: ${(views as PresenceView[]).map(shown).join(' ≠ ')}`);
      }
      if (differences.length === 0) {
        agreedAfterMs = Date.now() - calmAt;
        break;
      }
      await pause(250);
    }
    for (const difference of differences) complaints.push(`views differ: ${difference}`);
    await leaving;

    // Every stream has all that was acknowledged, or never will.
    const last = new Map(
      talks.map(({ id }) => [id, rehearsal.acknowledged.findLast((one) => one.conversation === id)]),
    );
    const deadline = Date.now() + 20_000;
    const isBehind = () =>
      talks.some(({ id, people: three }) =>
        three.some(
          (person) =>
            !rehearsal.received
              .get(person.id)
              ?.some((one) => one.conversation === id && one.seq >= (last.get(id)?.seq ?? 0)),
        ),
      );
    while (isBehind() && Date.now() < deadline) await pause(100);
    await rehearsal.end();
    complaints.push(...rehearsal.failures);
    const conversations = new Map(
      await Promise.all(
        talks.map(async ({ id, people: three }) => {
          const onNodes = await Promise.all(
            addresses().map((base) => rehearsal.stored(base, three[0] as Person, id)),
          );
          return [id, { people: three.map((person) => person.id), onNodes }] as const;
        }),
      ),
    );
    complaints.push(...judge(rehearsal.history(conversations)));
    return {
      complaints,
      acknowledged: rehearsal.acknowledged.length,
      returns: rehearsal.returns.toSorted((a, b) => a - b),
      goneAfterMs,
      agreedAfterMs,
    };
  } finally {
    isOver = true;
    for (const node of nodes) {
      node.process.kill('SIGCONT');
      await node.end('SIGKILL');
    }
    for (const service of services) await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
