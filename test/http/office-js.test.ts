/** Where panes get office.js, and what their content security policy then allows. */
import express from 'express';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../server/config.ts';
import { createHeaders } from '../../server/http/headers.ts';
import { officeJs, officeJsOrigin } from '../../server/http/office-js.ts';

const mirror = 'https://mirror.contoso.example/office/lib/1/hosted/office.js';

async function ask(source: string): Promise<{ load: string; policy: string; script: string }> {
  const headers = createHeaders({
    isDemo: false,
    allowedFrames: [],
    officeJsOrigin: officeJsOrigin(source),
  });
  const app = express();
  app.get('/pane', headers.pane, (_request, response) => void response.end());
  app.use(officeJs(source, '/nowhere'));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const read = (path: string) => fetch(base + path);
  const answer = {
    load: await (await read('/office-js/load.js')).text(),
    policy: (await read('/pane')).headers.get('content-security-policy') ?? '',
    script: ((await (await read('/office-js/source.json')).json()) as { script: string }).script,
  };
  server.close();
  return answer;
}
const directive = (policy: string, name: string) =>
  policy
    .split(';')
    .map((one) => one.trim().split(' '))
    .find(([first]) => first === name)
    ?.slice(1);

describe('[OF27] office.js', () => {
  test('[OF27] the CDN is the default, with what the library loads beside itself', async () => {
    const { load, policy, script } = await ask('cdn');
    expect(script).toBe('https://appsforoffice.microsoft.com/lib/1/hosted/office.js');
    expect(load).toContain(`["${script}"]`);
    expect(directive(policy, 'script-src')).toEqual([
      "'self'",
      'https://appsforoffice.microsoft.com',
      'https://ajax.aspnetcdn.com',
    ]);
    expect(directive(policy, 'connect-src')).toContain('https://browser.pipe.aria.microsoft.com');
  });

  test('[OF27] a mirror is the only other origin, and gets what the library would fetch elsewhere first', async () => {
    const { load, policy, script } = await ask(mirror);
    expect(script).toBe(mirror);
    expect(load).toContain(`["/office-js/microsoft-ajax.js","${mirror}"]`);
    expect(directive(policy, 'script-src')).toEqual(["'self'", 'https://mirror.contoso.example']);
    expect(directive(policy, 'connect-src')).toEqual([
      "'self'",
      'https://mirror.contoso.example',
      'https://login.microsoftonline.com',
    ]);
  });

  test('[OF27] with our own copy scripts come from nowhere else', async () => {
    const { policy, script } = await ask('own');
    expect(script).toBe('/office-js/office.js');
    expect(directive(policy, 'script-src')).toEqual(["'self'"]);
    expect(policy).not.toMatch(/appsforoffice|aspnetcdn|aria/);
  });

  test('[OF27] a copy that is not installed is a mistake at the start, an address that is none one of the configuration', () => {
    expect(() => officeJs('own', null)).toThrow(/@microsoft\/office-js is not installed/);
    for (const bad of ['http://mirror.example/office.js', 'https://mirror.example/', 'npm'])
      expect(() => parseConfig({ JELLYBEAN_OFFICE_JS: bad }), bad).toThrow(/JELLYBEAN_OFFICE_JS is/);
    expect(parseConfig({ JELLYBEAN_OFFICE_JS: mirror }).officeJs).toBe(mirror);
    expect(parseConfig({}).officeJs).toBe('cdn');
  });
});
