/** The script that binds a person column, against a SharePoint that remembers what it was told. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Binding, bindColumn, columnComponent } from '../../addins/build/bind-column.ts';
import { manifestIdOf } from '../support/sharepoint-source.ts';

interface Field {
  Title: string;
  TypeAsString: string;
  ClientSideComponentId?: string;
  ClientSideComponentProperties?: string;
}
const nobody = '00000000-0000-0000-0000-000000000000';
const fields = new Map<string, Field>();
let sharePoint: Server;
let site = '';

beforeAll(async () => {
  sharePoint = createServer(async (request, response) => {
    if (request.headers.authorization !== 'Bearer good') return void response.writeHead(403).end();
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://localhost').pathname);
    const [, column = ''] =
      /^\/sites\/launch\/_api\/web\/lists\/getbytitle\('Tim''s tasks'\)\/fields\/getbyinternalnameortitle\('(.*)'\)$/.exec(
        path,
      ) ?? [];
    const field = fields.get(column);
    if (field === undefined) return void response.writeHead(404).end();
    if (request.method === 'GET') return void response.end(JSON.stringify(field));
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (request.headers['x-http-method'] === 'MERGE')
      Object.assign(field, JSON.parse(Buffer.concat(parts).toString()));
    response.writeHead(204).end();
  });
  sharePoint.listen(0, '127.0.0.1');
  await once(sharePoint, 'listening');
  site = `http://127.0.0.1:${(sharePoint.address() as AddressInfo).port}/sites/launch/`;
});
afterAll(() => sharePoint.close());

const bind = (more: Partial<Binding> = {}) =>
  bindColumn({
    site,
    list: "Tim's tasks",
    column: 'Owner',
    server: 'https://im.contoso.example',
    isRemoved: false,
    token: 'good',
    ...more,
  });

test('[OF66] the script binds the component of the package', () => {
  expect(columnComponent).toBe(manifestIdOf('src/column/presence-field-customizer.manifest.json'));
});

test('[OF62] a person column is bound with its server and let go again, and both may be repeated', async () => {
  const owner: Field = { Title: 'Owner', TypeAsString: 'UserMulti' };
  fields.set('Owner', owner);
  expect(await bind()).toContain('shows presence now');
  await bind();
  expect(owner.ClientSideComponentId).toBe(columnComponent);
  expect(JSON.parse(owner.ClientSideComponentProperties ?? '')).toEqual({
    serverUrl: 'https://im.contoso.example',
  });
  await bind({ server: null });
  expect(owner.ClientSideComponentProperties).toBe('');
  await bind({ isRemoved: true });
  expect(owner.ClientSideComponentId).toBe(nobody);
  expect(await bind({ isRemoved: true })).toContain('had no presence');
});

test('[OF62] other columns, other makers’ columns and missing rights are refused in words', async () => {
  fields.set('Due', { Title: 'Due', TypeAsString: 'DateTime' });
  fields.set('Theirs', {
    Title: 'Theirs',
    TypeAsString: 'User',
    ClientSideComponentId: '11111111-2222-4333-8444-555555555555',
  });
  await expect(bind({ column: 'Due' })).rejects.toThrow('presence is for persons');
  await expect(bind({ column: 'Theirs' })).rejects.toThrow('another field customizer');
  await expect(bind({ column: 'Nope' })).rejects.toThrow('no list');
  await expect(bind({ token: 'bad' })).rejects.toThrow('403');
  expect(fields.get('Theirs')?.ClientSideComponentId).toContain('11111111');
});
