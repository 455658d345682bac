/** Tokens, texts and secrets of a whole run, looked for in everything that is written down or told to strangers. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig, readEnv, redacted } from '../../server/config.ts';
import { type EntraServer, startEntraServer } from '../support/entra-server.ts';

const secret = 'a-client-secret-canary-7f3a';
const text = 'the canary sings of mergers at dawn';
const logged: string[] = [];
const answered: string[] = [];
let server: EntraServer;

beforeAll(async () => {
  const log = pino(
    { level: 'trace' },
    new Writable({
      write(chunk, _encoding, done) {
        logged.push(String(chunk));
        done();
      },
    }),
  );
  server = await startEntraServer({ JELLYBEAN_ENTRA_CLIENT_SECRET: secret }, { log });
});
afterAll(() => server.stop());

test('[TR9, CF5] no token, text or secret of a run is in a log line, a metric, a problem, the audit log or the configuration', async () => {
  const [alice, bob, admin] = [
    await server.as('alice'),
    await server.as('bob'),
    await server.as('admin', { roles: ['Admin'] }),
  ];
  const program = await server.program(['Presence.Read.All']);
  const forged = `${alice.token.slice(0, -8)}AAAAAAAA`;
  const expired = await server.token('alice', { exp: 1_000_000_000 });
  const foreign = await server.token('alice', { tid: '00000000-0000-4000-8000-000000000009' });
  const problem = async (answer: Promise<{ status: number; text: string }>) => {
    const { status, text: body } = await answer;
    if (status >= 400) answered.push(body);
  };
  const { id } = (
    await alice.send<{ id: string }>('POST', '/conversations', { participants: [bob.id], subject: text })
  ).body;
  await alice.send('POST', `/conversations/${id}/messages`, { text });
  await alice.send('PUT', '/me/note', { text });
  const stream = await bob.stream('desk');
  await stream.next('presence.snapshot');
  for (const token of [forged, expired, foreign, `${alice.token} ${text}`, text]) {
    const bad = server.client(token, '');
    for (const path of ['/me', '/events?endpoint=x', `/conversations/${id}`]) await problem(bad.get(path));
    await problem(bad.send('POST', `/conversations/${id}/messages`, { text }));
  }
  await problem(alice.send('POST', `/conversations/${id}/messages`, { text, [text]: text }));
  await problem(alice.send('POST', '/conversations', { participants: [text] }));
  await problem(alice.send('PUT', '/me/note', { text: text.repeat(50) }));
  await problem(alice.send('POST', '/people/resolve', { addresses: text }));
  await problem(program.send('POST', `/conversations/${id}/messages`, { text }));
  await problem(alice.get(`/nowhere?token=${alice.token}`));
  await problem(alice.get(`/search?q=${encodeURIComponent(text)}&unknown=1`));
  await problem(admin.get('/admin/audit'));
  for (const path of [
    `/signin/start?challenge=${alice.token}`,
    `/signin/callback?code=${secret}&state=${alice.token}`,
  ]) {
    const response = await server.fetch(path, { redirect: 'manual' });
    answered.push(`${await response.text()}${response.headers.get('location') ?? ''}`);
  }
  stream.close();
  const metrics = await (await server.fetch('/metrics')).text();
  await server.running.stop();
  await server.restart();
  const audit = JSON.stringify(await server.running.store.records.audit(null, 200));
  expect(answered.length).toBeGreaterThan(20);
  expect(logged.length).toBeGreaterThan(20);
  expect(audit).toContain('access.denied');
  const written = [...logged, ...answered, metrics, audit].join('\n');
  for (const token of [alice.token, bob.token, admin.token, program.token, forged, expired, foreign])
    for (const part of [token, token.split('.')[1] as string, token.split('.')[2] as string])
      expect(written).not.toContain(part);
  // A problem may quote to its caller what they sent; nothing else may.
  expect([...logged, metrics, audit].join('\n')).not.toContain(text);
  expect(written).not.toContain(secret);
});

test('[CF5] secrets come from files or the environment, and are named, never shown', () => {
  const files: Record<string, string> = { '/run/secrets/oidc': `${secret}\n` };
  const env = readEnv(
    {
      JELLYBEAN_AUTH: 'oidc',
      JELLYBEAN_OIDC_ISSUER: 'https://login.contoso.example',
      JELLYBEAN_OIDC_CLIENT_ID: 'jellybean',
      JELLYBEAN_OIDC_CLIENT_SECRET_FILE: '/run/secrets/oidc',
      JELLYBEAN_TLS_CERT: 'c',
      JELLYBEAN_TLS_KEY: 'k',
    },
    (file) => files[file] as string,
  );
  const config = parseConfig(env);
  expect(config.oidc?.clientSecret).toBe(secret);
  expect(JSON.stringify(redacted(config))).not.toContain(secret);
  expect(JSON.stringify(redacted(config))).toContain('•••');
});
