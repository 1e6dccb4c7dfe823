import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';

/** Of IPv6 a household or a machine has a network of this size: its addresses are one client. */
const ipv6ClientBits = 64;

/** The address that a request comes from, as far as the proxies are trusted that passed it on; one text for each client. */
export type ClientAddress = (request: IncomingMessage) => string;

/** @param trustedProxies addresses, or networks such as 10.0.0.0/8: their X-Forwarded-For header is believed, nobody else's */
export function clientAddressThrough(trustedProxies: readonly string[]): ClientAddress {
  const trust = proxyAddr.compile([...trustedProxies]);
  return (request) => normalize(proxyAddr(request, trust));
}

function normalize(address: string | undefined): string {
  // A socket that is gone has none.
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${ipv6ClientBits}`);
  return `${network.toString()}/${ipv6ClientBits}`;
}

/** Whether a text is an address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}
