/** The dialog's way in, seen from the pane: what it opens, what it believes, and what it says when nothing comes. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiFailure } from '../../addins/shared/client/problem.ts';
import type { OfficeApi, OfficeDialog } from '../../addins/shared/office/host.ts';
import { signInByDialog, signInFromPane, tellPane } from '../../addins/shared/office/sign-in.ts';

type Handler = Parameters<OfficeDialog['addEventHandler']>[1];

let opened: { url: string; handlers: Map<string, Handler>; closed: boolean } | null;
let exchanged: unknown[];
let told: unknown[][];

function createOffice(given: { opens?: boolean; sets?: string[] } = {}): OfficeApi {
  return {
    context: {
      requirements: { isSetSupported: (name: string) => (given.sets ?? []).includes(name) },
      ui: {
        displayDialogAsync(url: string, _options: object, callback: (result: object) => void) {
          const handlers = new Map<string, Handler>();
          opened = { url, handlers, closed: false };
          const dialog: OfficeDialog = {
            addEventHandler: (event, handler) => handlers.set(event, handler),
            close: () => {
              if (opened !== null) opened.closed = true;
            },
          };
          callback({ status: given.opens === false ? 'failed' : 'succeeded', value: dialog });
        },
        messageParent: (...message: unknown[]) => told.push(message),
      },
    },
  } as unknown as OfficeApi;
}

beforeEach(() => {
  opened = null;
  exchanged = [];
  told = [];
  vi.stubGlobal('location', { origin: 'https://jellybean.contoso.example' });
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    exchanged.push([url, JSON.parse(String(init.body))]);
    return Response.json({
      access_token: 'bearer',
      expiresAt: '2036-01-01T00:00:00.000Z',
      renewal: 'sealed',
      person: { id: 'o', displayName: 'Alice', address: 'alice@contoso.example' },
    });
  });
});
afterEach(() => vi.unstubAllGlobals());

const say = (message: object) => opened?.handlers.get('dialogMessageReceived')?.(message);
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'in',
    (error: unknown) => (error instanceof ApiFailure ? error.code : error),
  );

test('[ID24] the dialog gets a challenge, the exchange its verifier, and no token passes between them', async () => {
  const signing = signInByDialog(createOffice());
  await expect.poll(() => opened).not.toBeNull();
  const url = new URL(opened?.url ?? '');
  expect([url.origin, url.pathname]).toEqual(['https://jellybean.contoso.example', '/signin']);
  say({ message: '{"code":"one-time"}', origin: 'https://jellybean.contoso.example' });
  const { person, session } = await signing;
  expect(person.displayName).toBe('Alice');
  expect(await session.token(false)).toBe('bearer');
  expect(opened?.closed).toBe(true);
  const [[address, body]] = exchanged as [[string, { code: string; verifier: string }]];
  expect([address, body.code]).toEqual(['/api/v1/session/token', 'one-time']);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body.verifier));
  expect(url.searchParams.get('challenge')).toBe(Buffer.from(digest).toString('base64url'));
  expect(opened?.url).not.toContain(body.verifier);
});

test.each([
  ['a message of another origin', { message: '{"code":"planted"}', origin: 'https://evil.example' }],
  ['a message that is no JSON', { message: 'planted' }],
  ['a code that is no text', { message: '{"code":{"a":1}}' }],
  ['a failure', { message: '{"failed":"not-admitted"}' }],
])('[ID24] %s signs nobody in', async (_what, message) => {
  const signing = outcome(signInByDialog(createOffice()));
  await expect.poll(() => opened).not.toBeNull();
  say(message);
  expect(await signing).toBe('unauthenticated');
  expect(exchanged).toEqual([]);
});

test('[ID24] a dialog that is closed, or that the host does not open, is no sign-in', async () => {
  const closing = outcome(signInByDialog(createOffice()));
  await expect.poll(() => opened).not.toBeNull();
  opened?.handlers.get('dialogEventReceived')?.({});
  expect(await closing).toBe('unauthenticated');
  expect(await outcome(signInByDialog(createOffice({ opens: false })))).toBe('unauthenticated');
  expect(await outcome(signInFromPane(createOffice(), { mode: 'entra' }))).toBe('unauthenticated');
});

/** An Outlook on Exchange Server, whose mailbox has a token, and a server that knows or does not know it. */
function createMailbox(answers: (url: string, body: { token?: string }) => Response) {
  const office = createOffice();
  const context = {
    ...office.context,
    mailbox: {
      getUserIdentityTokenAsync: (callback: (result: object) => void) =>
        callback({ status: 'succeeded', value: 'identity-token' }),
    },
  };
  const asked: unknown[][] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as { token?: string };
    asked.push([url, body, new Headers(init.headers).get('authorization')]);
    return answers(url, body);
  });
  return { office: { ...office, context } as unknown as OfficeApi, asked };
}
const bearer = (access_token: string) =>
  Response.json({
    access_token,
    expiresAt: '2036-01-01T00:00:00.000Z',
    renewal: 'sealed',
    person: { id: 'o', displayName: 'Alice', address: 'alice@contoso.example' },
  });
const problem = (code: string, status: number) => Response.json({ code, detail: code }, { status });
const byMailbox = { mode: 'oidc', signInUrl: '/signin/start', exchangeUrl: '/api/v1/session/exchange' };

test('[ID28] a mailbox that is linked signs in without a dialog, and again when the bearer is old', async () => {
  const { office, asked } = createMailbox(() => bearer(`bearer ${asked.length}`));
  const { session, person, link } = await signInFromPane(office, byMailbox);
  expect([person.displayName, await session.token(false), link, opened]).toEqual([
    'Alice',
    'bearer 1',
    undefined,
    null,
  ]);
  expect(await session.token(true)).toBe('bearer 2');
  expect(asked[0]).toEqual(['/api/v1/session/exchange', { token: 'identity-token' }, null]);
});

test('[ID28] one that nobody has linked leads to the dialog, and is then linked by whoever signed in', async () => {
  const { office, asked } = createMailbox((url) =>
    url.endsWith('/exchange')
      ? problem('not-linked', 403)
      : url.endsWith('/exchange-account')
        ? new Response(null, { status: 204 })
        : bearer('by-dialog'),
  );
  const signing = signInFromPane(office, byMailbox);
  await expect.poll(() => opened).not.toBeNull();
  say({ message: '{"code":"one-time"}', origin: 'https://jellybean.contoso.example' });
  const { link } = await signing;
  await link?.();
  expect(asked.at(-1)).toEqual([
    '/api/v1/me/exchange-account',
    { token: 'identity-token' },
    'Bearer by-dialog',
  ]);
});

test('[ID28] where the server refuses the token, or Outlook has none, the dialog is the way as ever', async () => {
  for (const code of ['unauthenticated', 'identity-unavailable']) {
    opened = null;
    const { office } = createMailbox((url) =>
      url.endsWith('/exchange') ? problem(code, 401) : bearer('by-dialog'),
    );
    const signing = signInFromPane(office, byMailbox);
    await expect.poll(() => opened).not.toBeNull();
    say({ message: '{"code":"one-time"}' });
    const { session, link } = await signing;
    expect([await session.token(false), link]).toEqual(['by-dialog', undefined]);
  }
});

test('[ID24] no dialog opens by itself: somebody must have pressed for it', async () => {
  const auth = { mode: 'oidc', signInUrl: '/signin/start' };
  expect(await outcome(signInFromPane(createOffice(), auth, false))).toBe('unauthenticated');
  const { office } = createMailbox(() => problem('not-linked', 403));
  expect(await outcome(signInFromPane(office, byMailbox, false))).toBe('unauthenticated');
  expect(opened).toBeNull();
});

test('[ID24] the dialog’s page tells its own origin alone, where the host can be told so', () => {
  tellPane(createOffice({ sets: ['DialogOrigin'] }), { code: 'one-time' });
  tellPane(createOffice(), { code: 'one-time' });
  expect(told).toEqual([
    ['{"code":"one-time"}', { targetOrigin: 'https://jellybean.contoso.example' }],
    ['{"code":"one-time"}'],
  ]);
});
