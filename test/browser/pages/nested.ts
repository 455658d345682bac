/**
 * A pane's sign-in with a host that has nested app authentication: the bridge is played here, in the few
 * words of its protocol; msal-browser is the real one.
 */
import { signInNested } from '../../../addins/shared/office/sign-in.ts';

type Listener = (message: string) => void;
interface Asked {
  readonly method: string;
  readonly tokenParams?: {
    readonly clientId: string;
    readonly scope: string;
    readonly forceRefresh?: boolean;
  };
}

const asked: Asked[] = [];
const bridge = {
  /** What the host answers to `GetToken`: a token, or that somebody must be asked. */
  answer: 'token' as 'token' | 'interaction' | 'refused',
  token: '',
  expiresIn: 3_600,
};
const listeners = new Set<Listener>();

Object.assign(window, {
  nestedAppAuthBridge: {
    addEventListener: (_type: string, listener: Listener) => listeners.add(listener),
    removeEventListener: (_type: string, listener: Listener) => listeners.delete(listener),
    postMessage(text: string) {
      const request = JSON.parse(text) as Asked & { readonly requestId: string };
      asked.push(request);
      const envelope = { messageType: 'NestedAppAuthResponse', requestId: request.requestId };
      const payload = btoa(
        JSON.stringify({
          sub: 's',
          oid: 'o',
          tid: 't',
          iss: 'https://login.example/t/v2.0',
          exp: 9_999_999_999,
          iat: 1,
        }),
      )
        .replaceAll('=', '')
        .replaceAll('+', '-')
        .replaceAll('/', '_');
      let rest: object;
      if (request.method === 'GetInitContext')
        rest = {
          success: true,
          initContext: { sdkName: 'host', sdkVersion: '1', capabilities: { queryAccount: false } },
        };
      else if (
        bridge.answer === 'refused' ||
        (bridge.answer === 'interaction' && request.method === 'GetToken')
      )
        rest = {
          success: false,
          error: {
            status: bridge.answer === 'refused' ? 'DISABLED' : 'USER_INTERACTION_REQUIRED',
            code: 'x',
            subError: '',
            description: 'x',
          },
        };
      else
        rest = {
          success: true,
          token: {
            access_token: `${bridge.token}.${asked.length}`,
            expires_in: bridge.expiresIn,
            id_token: `e30.${payload}.x`,
            scope: request.tokenParams?.scope,
            properties: null,
          },
          account: {
            homeAccountId: 'o.t',
            environment: 'login.example',
            username: 'alice@contoso.example',
            localAccountId: 'o',
            tenantId: 't',
          },
        };
      setTimeout(() => {
        for (const listener of listeners) listener(JSON.stringify({ ...envelope, ...rest }));
      });
    },
  },
});

const nested = { asked, bridge, signInNested, stored: () => ({ ...localStorage, ...sessionStorage }) };
Object.assign(window, { nested });
export type Nested = typeof nested;
