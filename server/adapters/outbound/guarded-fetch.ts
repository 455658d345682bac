/**
 * The one client for addresses that people typed (server-side request forgery is the danger). The name is
 * resolved once, every address it has must be public, and the connection goes to exactly the address that
 * was checked, so that a name which answers differently a moment later gains nothing. No cookies, no
 * credentials, no proxy variables, bounded size, time and redirects.
 */
import { lookup as resolveName } from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { DomainError } from '../../domain/errors.ts';
import type { Fetched, OutboundFetch } from '../../ports/calendar.ts';

/** Ranges that are not the public internet (IANA special-purpose registries, RFC 6890 and its updates). */
const specialRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const redirectsMost = 3;
const timeoutMs = 10_000;
const defaultPorts = new Map([
  ['https:', 443],
  ['http:', 80],
]);

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

const contains = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** An IPv4 address inside an IPv6 one is judged as what it is. */
const plain = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

export interface OutboundOptions {
  /** CIDR ranges inside one's own network that may be fetched from all the same. */
  readonly allowRanges?: readonly string[];
  /** Schemes with the ports that each may use. */
  readonly allow?: readonly { readonly scheme: 'https:' | 'http:'; readonly ports: readonly number[] }[];
  /** Resolves a name to all its addresses; tests answer differently each time. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Trusted certificate authorities beside the system's. */
  readonly ca?: string;
}

const refused = (why: string) => new DomainError('address-refused', why);
const failed = (why: string, cause?: unknown) => new DomainError('fetch-failed', why, { cause });

/** Makes the client. By default: https on 443, public addresses. */
export function createOutboundFetch(options: OutboundOptions = {}): OutboundFetch {
  const allow = options.allow ?? [{ scheme: 'https:', ports: [443] }];
  const special = blockListOf(specialRanges);
  const allowed = blockListOf(options.allowRanges ?? []);
  const resolve =
    options.resolve ??
    (async (host: string) =>
      (await resolveName(host, { all: true, verbatim: true })).map(({ address }) => address));

  /** Parses what somebody typed; `webcal:` is what calendars call https. */
  function parse(text: string): URL {
    let url: URL;
    try {
      url = new URL(text.replace(/^webcals?:/i, 'https:'));
    } catch {
      throw refused('This is not an address.');
    }
    const rule = allow.find(({ scheme }) => scheme === url.protocol);
    if (rule === undefined)
      throw refused(`Addresses begin with ${allow.map(({ scheme }) => `${scheme}//`).join(' or ')}.`);
    if (url.username !== '' || url.password !== '')
      throw refused('An address with a name or password in it is not fetched.');
    const port = url.port === '' ? defaultPorts.get(url.protocol)! : Number(url.port);
    if (!rule.ports.includes(port)) throw refused(`Port ${port} is not allowed.`);
    url.hash = '';
    return url;
  }

  /** The address to connect to: all that the name has must be allowed, else none is. */
  async function pin(url: URL): Promise<string> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    let addresses: readonly string[];
    try {
      addresses = isIP(host) !== 0 ? [host] : await resolve(host);
    } catch (cause) {
      throw failed('The name of the server is not known.', cause);
    }
    if (addresses.length === 0) throw failed('The name of the server is not known.');
    for (const address of addresses) {
      const judged = plain(address);
      if (contains(special, judged) && !contains(allowed, judged))
        throw refused('This address does not lead to the public internet.');
    }
    return addresses[0]!;
  }

  function request(
    url: URL,
    address: string,
    headers: Record<string, string>,
  ): Promise<http.IncomingMessage> {
    return new Promise((resolveRequest, reject) => {
      const client = url.protocol === 'https:' ? https : http;
      const outgoing = client.get(
        url,
        {
          headers,
          agent: false,
          // The checked address and no other, whatever the name says by now. TLS still checks the name.
          lookup: (_host, wanted, done) => {
            const family = isIPv6(address) ? 6 : 4;
            if (typeof wanted === 'object' && wanted.all) done(null, [{ address, family }]);
            else done(null, address, family);
          },
          ...(options.ca === undefined ? {} : { ca: options.ca }),
          signal: AbortSignal.timeout(timeoutMs),
        },
        resolveRequest,
      );
      outgoing.on('error', (cause) => reject(failed('The server did not answer.', cause)));
    });
  }

  async function read(response: http.IncomingMessage, maxBytes: number): Promise<string> {
    const parts: Buffer[] = [];
    let size = 0;
    try {
      for await (const part of response as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > maxBytes) {
          response.destroy();
          throw failed(`The text is larger than ${maxBytes} bytes.`);
        }
        parts.push(part);
      }
    } catch (cause) {
      throw cause instanceof DomainError ? cause : failed('The server stopped in the middle.', cause);
    }
    return new TextDecoder().decode(Buffer.concat(parts));
  }

  return {
    check: (text) => {
      parse(text);
    },

    async text(text, { maxBytes, etag, accept }): Promise<Fetched> {
      let url = parse(text);
      for (let hop = 0; ; hop += 1) {
        const response = await request(url, await pin(url), {
          accept,
          'accept-encoding': 'identity',
          'user-agent': 'Jellybean',
          ...(etag === null ? {} : { 'if-none-match': etag }),
        });
        const status = response.statusCode ?? 0;
        const location = response.headers.location;
        if (status >= 301 && status <= 308 && status !== 304 && location !== undefined) {
          response.destroy();
          if (hop === redirectsMost) throw failed('The server redirects too often.');
          url = parse(new URL(location, url).href);
          continue;
        }
        if (status === 304) {
          response.destroy();
          return { text: null, etag };
        }
        if (status !== 200) {
          response.destroy();
          throw failed(`The server answered ${status}.`);
        }
        return { text: await read(response, maxBytes), etag: response.headers.etag ?? null };
      }
    },
  };
}
