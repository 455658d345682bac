/**
 * Where a request comes from, for limits per address and the audit log. `X-Forwarded-For` is believed only
 * from proxies that the configuration names, and only up to the first address that is none of them: what
 * stands further left was written by the caller.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export interface ClientAddress {
  /** The address, and whether it is this very machine without a proxy between. */
  of(request: IncomingMessage): { readonly address: string; readonly isLocal: boolean };
}

/** `proxies` are addresses or networks such as `10.0.0.0/8`. */
export function createClientAddress(proxies: readonly string[]): ClientAddress {
  const trusted = new BlockList();
  for (const text of proxies) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return {
    of(request) {
      let address = plain(request.socket.remoteAddress ?? '');
      if (proxies.length > 0) {
        const header = request.headers['x-forwarded-for'];
        const hops = String(header ?? '').split(',');
        while (hops.length > 0 && isIP(address) !== 0 && isTrusted(address)) {
          const next = plain((hops.pop() ?? '').trim());
          if (isIP(next) === 0) break;
          address = next;
        }
      }
      return { address, isLocal: /^(127\.|::1$)/.test(address) };
    },
  };
}

/** IPv4 as such, also where the socket speaks IPv6. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** What one household or attacker usually has: an IPv4 address, or a /64 of IPv6. */
export function limitKeyOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const full = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return `${full.slice(0, 4).join(':')}::/64`;
}
