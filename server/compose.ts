/**
 * Composition root: configuration → adapters → services → HTTP. The one file that knows every part; what
 * tests replace, they replace here. `stop` undoes everything in the reverse order.
 */

import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openFolderBlobs } from './adapters/blobs/folder.ts';
import { openBus } from './adapters/bus/open.ts';
import { createCalendarReader } from './adapters/calendar/reader.ts';
import { developmentCertificate } from './adapters/certificate/development.ts';
import { createSystemClock } from './adapters/clock/system.ts';
import { demoIds, giveFaces, seedDemo } from './adapters/directory/demo.ts';
import { createFileDirectory } from './adapters/directory/file.ts';
import { createStoredDirectory } from './adapters/directory/stored.ts';
import { openGraph } from './adapters/graph/open.ts';
import { openIdentity } from './adapters/identity/open.ts';
import { createOutboundFetch } from './adapters/outbound/guarded-fetch.ts';
import { openStore } from './adapters/storage/open.ts';
import { openStoreBlobs } from './adapters/storage/open-blobs.ts';
import { openSearch } from './adapters/storage/open-search.ts';
import type { Config } from './config.ts';
import { DomainError } from './domain/errors.ts';
import { createClientAddress } from './http/client-address.ts';
import { createCors } from './http/cors.ts';
import { createGate, type Denial } from './http/gate.ts';
import { createGraphFacade } from './http/graph/facade.ts';
import { peopleRows } from './http/graph/people.ts';
import { presenceRows } from './http/graph/presence.ts';
import { manifests } from './http/manifests.ts';
import { officeJs, officeJsOrigin } from './http/office-js.ts';
import { openApiOf } from './http/openapi.ts';
import { createPages } from './http/pages.ts';
import { createRateLimits, limitSignIn } from './http/rate-limits.ts';
import type { Route } from './http/route.ts';
import { adminStatusRoutes, type NodeStatus } from './http/routes/admin-status.ts';
import { adminUserRoutes } from './http/routes/admin-users.ts';
import { attachmentRoutes } from './http/routes/attachments.ts';
import { calendarRoutes } from './http/routes/calendars.ts';
import { connectionRoutes } from './http/routes/connections.ts';
import { contactRoutes } from './http/routes/contacts.ts';
import { conversationRoutes } from './http/routes/conversations.ts';
import { mailboxRoutes } from './http/routes/mailbox.ts';
import { peopleRoutes } from './http/routes/people.ts';
import { policyRoutes } from './http/routes/policy.ts';
import { presenceRoutes } from './http/routes/presence.ts';
import { recordRoutes } from './http/routes/records.ts';
import { searchRoutes } from './http/routes/search.ts';
import { sessionRoutes } from './http/routes/session.ts';
import { signInRoutes } from './http/routes/sign-in.ts';
import { streamRoutes } from './http/routes/streams.ts';
import { createHttpHandler, listen } from './http/server.ts';
import { createSignInPages } from './http/sign-in-pages.ts';
import { createSystemRoutes } from './http/system.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, usageOf } from './metrics.ts';
import type { Clock } from './ports/clock.ts';
import type { Store } from './ports/store.ts';
import { closingCodes } from './protocol/vocabulary.ts';
import { createAccessLog } from './services/access-log.ts';
import { createArchive } from './services/archive.ts';
import { createAttachments } from './services/attachments.ts';
import { createAudit } from './services/audit.ts';
import { createCalendars } from './services/calendars.ts';
import { createCallDetails } from './services/call-details.ts';
import { createConnections } from './services/connections.ts';
import { createContacts } from './services/contacts.ts';
import { createConversations } from './services/conversations.ts';
import { createDemoLife } from './services/demo-life.ts';
import { createDirectorySync } from './services/directory-sync.ts';
import { createEventStream } from './services/event-stream.ts';
import { createLease } from './services/lease.ts';
import { noticeOf } from './services/log-follower.ts';
import { createMailboxes } from './services/mailboxes.ts';
import { createNodeLife } from './services/node-life.ts';
import { createPhotos } from './services/photos.ts';
import { createPolicy, toPresencePolicy } from './services/policy.ts';
import { createPresence } from './services/presence.ts';
import { createQuotas } from './services/quotas.ts';
import { createRetention } from './services/retention.ts';
import { createSearch } from './services/search.ts';
import { createStreamRelay } from './services/stream-relay.ts';
import { createStreamRights } from './services/stream-rights.ts';
import { createTeamsPresence } from './services/teams-presence.ts';
import { createUpkeep } from './services/upkeep.ts';

/** What tests put in place of the real thing; all real parts by default. */
export interface Overrides {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Listens on ports that the system chooses, HTTP and TLS, instead of the configured ones. */
  readonly freePorts?: boolean;
}

export interface JellybeanServer {
  /** Opens the ports of the configuration; answers the addresses, as a person would type them. */
  listen(): Promise<readonly string[]>;
  /** Ends streams with 1001, lets writes finish, closes everything. Safe to call twice. */
  stop(spreadMs?: number): Promise<void>;
  readonly store: Store;
  readonly routes: readonly Route[];
  readonly openApi: ReturnType<typeof openApiOf>;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** As long as presence waits for an endpoint whose last stream ended (contract §5). */
const reloadGraceMs = 5_000;
/** Five thousand people on a database that is busy with much else take seconds. */
const seedingMs = 60_000;

export async function compose(config: Config, overrides: Overrides = {}): Promise<JellybeanServer> {
  const clock = overrides.clock ?? createSystemClock();
  const log = overrides.log ?? createLog(config.logLevel);
  const metrics = createMetrics();
  await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });

  const failed = (error: unknown) => log.error({ err: error }, 'background work failed');
  const store = await openStore({ url: config.store, folder: config.dataFolder, clock });
  const bus = await openBus(
    {
      url: config.bus,
      credentialsFile: config.busCredentialsFile,
      caFile: config.busCaFile,
      certificateFile: config.busCertificateFile,
      keyFile: config.busKeyFile,
    },
    // Another history of events is another organisation: a copy that was restored elsewhere hears nothing of ours.
    store.epoch,
    failed,
  );
  if (!bus.isConnected())
    log.warn({ trouble: bus.trouble() }, 'there is no bus; this node starts without it and goes on trying');
  const blobs =
    config.attachments === 'store'
      ? await openStoreBlobs(config.store)
      : await openFolderBlobs(join(config.dataFolder, 'blobs'), clock.now());
  if (config.auth === 'demo') await seedPatiently(store, clock);
  const directory = createStoredDirectory(store.accounts, clock);
  const graph =
    config.graph === null
      ? null
      : openGraph(config.graph, { clock, onCall: (outcome) => metrics.graphCalls.inc({ outcome }) });
  const delegation = graph?.delegation ?? null;
  const { identity, demo, signIn, mailbox } = await openIdentity(config, {
    store,
    directory,
    bus,
    clock,
    ...(delegation === null ? {} : { assertions: delegation }),
    onError: failed,
  });

  const audit = createAudit({ store, clock });
  const policy = await createPolicy({
    store,
    bus,
    isDemo: config.auth === 'demo',
    audit,
    onError: failed,
  });
  const presence = await createPresence({
    store,
    bus,
    directory,
    clock,
    onError: failed,
    timeZone: config.timeZone,
    policy: toPresencePolicy(policy.current()),
    timeZoneOf: (id) => calendars.timeZoneOf(id),
  });
  policy.onChange((changed) => presence.setPolicy(toPresencePolicy(changed)));
  const contacts = await createContacts({
    store,
    bus,
    directory,
    clock,
    presence,
    onError: failed,
    hasTeamGroup: () => policy.current().contacts.teamGroup,
  });
  const nodeLife = createNodeLife({
    nodes: store.nodes,
    bus,
    clock,
    version,
    onEnded: presence.reload,
    onTakenForDead: () => presence.reload(presence.peopleHere()),
    onError: failed,
  });
  const quotas = createQuotas({ clock, bus, policy, contactsOf: contacts.contactsOf });
  const calendarReader = createCalendarReader();
  const calendars = await createCalendars({
    store,
    bus,
    directory,
    clock,
    presence,
    outbound: createOutboundFetch({ allow: config.fetchAllow, allowRanges: config.fetchPrivateRanges }),
    reader: calendarReader,
    timeZone: config.timeZone,
    onError: failed,
  });
  const retention = createRetention({
    store,
    blobs,
    clock,
    directory,
    audit,
    onRemoved: (ids) => search.forget(ids),
    beforeRemoval: (cutoff) => callDetails.endBegunBefore(cutoff),
  });
  const callDetails = createCallDetails({ store, clock });
  const archive = createArchive({ store, blobs, clock, directory, retention });
  const conversations = createConversations({
    store,
    bus,
    directory,
    clock,
    relationships: {
      blocks: (owner, other) => presence.relationshipOf(owner, other) === 'blocked',
      doNotDisturb: presence.doNotDisturb,
    },
    keeper: retention,
  });
  await conversations.start();
  const attachments = createAttachments({ store, blobs, clock, blockedExtensions: config.blockedExtensions });
  const search = createSearch({
    store,
    bus,
    clock,
    index: await openSearch(config.store, config.dataFolder),
    conversationFor: conversations.get,
    isFirst: () => nodeLife.others().every((other) => bus.nodeId < other),
    onError: failed,
  });
  const upkeep = createUpkeep({ store, clock, onError: failed });
  for (const service of [attachments, retention, callDetails, search, upkeep]) service.start();
  const eventStream = createEventStream({
    store,
    bus,
    clock,
    presence: {
      ...presence,
      endpointOpened: (userId, endpoint) => {
        presence.endpointOpened(userId, endpoint);
        callDetails.registered(userId, endpoint);
      },
      endpointClosed: (userId, endpoint, how) => {
        presence.endpointClosed(userId, endpoint, how);
        const isSignedOut = how === 'signed-out';
        callDetails.deregistered(
          userId,
          endpoint,
          isSignedOut ? 'client' : 'expired',
          how === 'ended' ? reloadGraceMs : 0,
        );
      },
    },
    contactsOf: contacts.contactsOf,
    onDelivered: (userId, seq) => conversations.delivered(userId, seq),
    onError: failed,
    lastSeq: await store.events.lastSeq(),
    counters: {
      opened: () => metrics.streams.inc(),
      closed: () => metrics.streams.dec(),
      delivered: (count) => metrics.delivered.inc(count),
    },
  });
  store.onCommitted((events) => {
    metrics.commits.inc();
    metrics.committedEvents.inc(events.length);
    eventStream.committed(events);
    search.committed(events);
    const notice = noticeOf(events);
    if (notice !== null) bus.publish(notice);
  });

  const streamRights = createStreamRights({ eventStream, identity, bus, clock, onError: failed });
  streamRights.start();
  await nodeLife.start(presence.otherNodes());
  const streams = createStreamRelay({
    eventStream,
    bus,
    viewsFor: presence.viewsFor,
    others: nodeLife.others,
  });

  const peopleSource =
    config.directoryFile !== null
      ? createFileDirectory(config.directoryFile)
      : config.graph?.sources.includes('directory')
        ? (graph?.people ?? null)
        : null;
  const directorySync =
    peopleSource === null
      ? null
      : createDirectorySync({
          source: peopleSource,
          store,
          directory,
          identity,
          clock,
          nodeId: bus.nodeId,
          onError: failed,
        });
  directorySync?.start();
  const connections = await createConnections({
    store,
    clock,
    offered: [
      ...(config.graph?.sources.includes('calendar') ? (['exchange'] as const) : []),
      ...(config.graph?.sources.includes('presence') ? (['teams'] as const) : []),
    ],
    ...(delegation === null ? {} : { isConsentMissing: delegation.isConsentMissing }),
    isShared: bus.isShared,
    onError: failed,
  });
  const everyNode = { take: async () => true, release: async () => {}, everyMs: 30_000 };
  const leaseOf = (name: string) => createLease({ store, clock, name, nodeId: bus.nodeId });
  const mailboxes =
    graph !== null && config.graph?.sources.includes('calendar')
      ? createMailboxes({
          source: graph.mailboxes,
          directory,
          presence,
          clock,
          isWatched: (id) => eventStream.watchersOf(id).length > 0,
          isSwitchedOff: (id) => connections.isOff(id, 'exchange'),
          // In people's names each node reads who came to it: what they came with is kept nowhere else.
          ...(delegation === null
            ? { lease: leaseOf('mailboxes') }
            : { lease: everyNode, reaches: delegation.reaches }),
          onError: failed,
        })
      : null;
  const teams =
    graph !== null && config.graph?.sources.includes('presence')
      ? createTeamsPresence({
          source: graph.mailboxes,
          directory,
          presence,
          clock,
          isSwitchedOff: (id) => connections.isOff(id, 'teams'),
          lease: leaseOf('teams'),
          onError: failed,
        })
      : null;
  connections.onSwitched((id) => {
    mailboxes?.switched(id);
    teams?.switched(id);
  });
  delegation?.onReach((id) => mailboxes?.reached(id));
  mailboxes?.start();
  teams?.start();

  let stopping: Promise<void> | null = null;
  const unready = () =>
    stopping !== null ? 'shutting down' : store.healthy() ? null : 'the store takes no writes';
  const degraded = () =>
    bus.isConnected() ? null : `the bus is away: what other nodes do is seen late (${bus.trouble()})`;
  const startedAt = clock.now();
  const status = async (): Promise<NodeStatus> => {
    const now = clock.now();
    const { memoryBytes, cpuSeconds } = await usageOf(metrics);
    const { registrations, publications } = presence.counts();
    return {
      version,
      startedAt: new Date(startedAt).toISOString(),
      now: new Date(now).toISOString(),
      trouble: unready(),
      store: {
        kind: config.store.slice(0, config.store.indexOf(':')),
        epoch: store.epoch,
        lastSeq: await store.events.lastSeq(),
        writable: store.healthy(),
      },
      nodes: nodeLife.all().map(({ id, version, startedAt, isLeaving }, index) => ({
        id,
        version,
        startedAt: startedAt === null ? null : new Date(startedAt).toISOString(),
        leaving: isLeaving,
        self: index === 0,
      })),
      people: await directory.count(),
      directory: directorySync?.progress() ?? null,
      streams: eventStream.count(),
      registrations,
      publications,
      memoryBytes,
      load: cpuSeconds / Math.max(1, (now - startedAt) / 1_000),
    };
  };
  const cast = new Set<string>(Object.values(demoIds));
  const colleagues =
    config.auth === 'demo' && config.demoLife
      ? (await store.contacts.list(demoIds.alice)).map(({ personId }) => personId)
      : [];
  const demoLife = createDemoLife({
    presence,
    clock,
    colleagues: colleagues.filter((id) => !cast.has(id)),
    // One node plays: the first by name.
    isMine: () => nodeLife.others().every((other) => bus.nodeId < other),
    onError: failed,
  });
  if (colleagues.length > 0) {
    await giveFaces(store, colleagues);
    await demoLife.start();
  }
  const accessLog = createAccessLog({ audit, clock, onError: failed });
  const signInAs = demo && {
    async issue(address: string) {
      const issued = await demo.issue(address);
      if (issued === null) return null;
      demoLife.leave(issued.person.id);
      accessLog.signedIn(issued.person.id, 'demo', '');
      return issued;
    },
  };

  const photos = createPhotos({ store, directory, bus });
  const routes: Route[] = [
    ...sessionRoutes({
      identity,
      eventStream,
      demo: signInAs,
      version,
      baseUrl: config.baseUrl,
      features: [],
    }),
    ...(signIn === null ? [] : signInRoutes({ signIn })),
    ...(mailbox === null ? [] : mailboxRoutes({ mailbox, accessLog })),
    ...presenceRoutes({ presence, directory, contacts, streams, quotas }),
    ...peopleRoutes({ presence, directory, photos }),
    ...contactRoutes({ contacts, cards: calendarReader.cards }),
    ...calendarRoutes({ calendars, presence, otherTimes: (id) => mailboxes?.timesOf(id) ?? [] }),
    ...connectionRoutes({ connections }),
    ...conversationRoutes(conversations),
    ...attachmentRoutes(attachments),
    ...searchRoutes(search),
    ...recordRoutes({ callDetails, archive, retention, audit, now: () => clock.now() }),
    ...adminUserRoutes({ identity, directory, audit }),
    ...adminStatusRoutes({ status, audit }),
    ...policyRoutes({ policy, audit }),
    ...streamRoutes({ streams, quotas }),
  ];
  const openApi = openApiOf(routes, version, config.baseUrl);
  routes.push({
    method: 'GET',
    path: '/openapi.json',
    access: 'anonymous',
    summary: 'This document.',
    answers: { 200: null },
    handle: () => ({ status: 200, body: openApi }),
  });

  const clientAddress = createClientAddress(config.trustedProxies);
  const rateLimits = createRateLimits(config.rateFactor, () => clock.now());
  const onDenied = ({ principal, ...denial }: Denial) =>
    accessLog.denied({ actorId: principal?.userId ?? null, ...denial });
  const cors = createCors(config.allowedOrigins);
  const graphFacade = createGraphFacade({
    rows: [
      ...peopleRows({ presence, directory, contactsOf: contacts.contactsOf, photos }),
      ...presenceRows({ presence, directory, quotas, now: () => clock.now() }),
    ],
    gate: createGate({ identity, rateLimits, clientAddress, onDenied }),
    cors,
    log,
    metrics,
    timeZone: config.timeZone,
    baseUrl: config.baseUrl,
    now: () => clock.now(),
  });
  const pages = [
    graphFacade,
    ...(signIn === null
      ? []
      : [
          createSignInPages({
            mayAsk: cors.allows,
            signIn,
            limit: limitSignIn(rateLimits, clientAddress),
            onComplete(completion, request) {
              const { address } = clientAddress.of(request);
              if ('code' in completion) accessLog.signedIn(completion.person.id, config.auth, address);
              else accessLog.signInFailed(completion.failed, address);
            },
          }),
        ]),
    createSystemRoutes({
      metrics,
      metricsToken: config.metricsToken,
      unready,
      degraded,
      beforeScrape: () => metrics.busConnected.set(bus.isConnected() ? 1 : 0),
    }),
    officeJs(config.officeJs),
    manifests({ version, baseUrl: config.baseUrl, entraClientId: config.entra?.audience ?? null }),
    createPages({
      isDemo: config.auth === 'demo',
      allowedFrames: config.allowedFrames,
      baseUrl: config.baseUrl,
      officeJsOrigin: officeJsOrigin(config.officeJs),
    }),
  ];
  const handler = createHttpHandler({
    clientAddress,
    onDenied,
    routes,
    identity,
    eventStream,
    log,
    metrics,
    rateLimits,
    cors,
    timeZone: config.timeZone,
    preRouter: config.preRouter,
    pages,
  });

  /** While it stops, each connection ends with its answer: kept open, it would bring the next request. */
  const untilStopped: RequestListener = (request, response) => {
    if (stopping !== null) response.shouldKeepAlive = false;
    handler(request, response);
  };

  const servers: Server[] = [];
  return {
    store,
    routes,
    openApi,
    async listen() {
      const tls =
        config.tlsCertificateFile !== null && config.tlsKeyFile !== null
          ? {
              cert: await readFile(config.tlsCertificateFile, 'utf8'),
              key: await readFile(config.tlsKeyFile, 'utf8'),
            }
          : await developmentCertificate(config.dataFolder, clock.now());
      const addresses: string[] = [];
      for (const [port, secure] of [
        [config.httpPort, false],
        [config.tlsPort, true],
        [config.lyncPort, true],
      ] as const) {
        if (port === 0) continue;
        const server = await listen(
          untilStopped,
          overrides.freePorts ? 0 : port,
          config.bind,
          secure ? tls : null,
        );
        servers.push(server);
        const { port: bound } = server.address() as AddressInfo;
        addresses.push(`${secure ? 'https' : 'http'}://${hostOf(config)}:${bound}`);
      }
      return addresses;
    },
    stop(spreadMs = 0) {
      stopping ??= (async () => {
        demoLife.stop();
        presence.stopping();
        // `/readyz` says no from now on: whoever balances sends nobody new, and those here leave one by one.
        if (config.drainSeconds > 0) await eventStream.drain(config.drainSeconds * 1_000);
        eventStream.closeAll(closingCodes.restart, spreadMs);
        const closed = servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
            }),
        );
        // Again and again: a connection whose answer was under way becomes idle only when that is out.
        const sweep = setInterval(() => {
          for (const server of servers) server.closeIdleConnections();
        }, 25);
        const patience = new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref());
        await Promise.race([Promise.all(closed), patience]);
        clearInterval(sweep);
        for (const server of servers) server.closeAllConnections();
        await directorySync?.close();
        connections.close();
        await mailboxes?.close();
        delegation?.close();
        await teams?.close();
        await conversations.close();
        await calendars.close();
        for (const service of [attachments, retention, callDetails, search, upkeep]) await service.close();
        await streamRights.close();
        await presence.close();
        await nodeLife.close();
        await bus.close();
        await accessLog.close();
        await blobs.close();
        await store.close();
      })();
      return stopping;
    },
  };
}

/** Another node may be writing the organisation, for longer than a lock is waited for: then it is there afterwards. */
async function seedPatiently(store: Store, clock: Clock): Promise<void> {
  const until = clock.now() + seedingMs;
  for (;;) {
    try {
      await seedDemo(store, clock.now());
      return;
    } catch (error) {
      const isBusy = error instanceof DomainError && error.code === 'store-unavailable';
      if (!isBusy || clock.now() > until) throw error;
      await new Promise<void>((resolve) => clock.after(1_000, resolve));
    }
  }
}

const hostOf = ({ bind }: Config): string => (bind === null || bind === '127.0.0.1' ? 'localhost' : bind);
