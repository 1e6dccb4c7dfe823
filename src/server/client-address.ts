import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';

/** A household or machine has an IPv6 network of this size: all its addresses count as one client. */
const ipv6ClientBits = 64;

/** The address of a request's client, as the trusted proxies report it; one text for each client. */
export type ClientAddress = (request: IncomingMessage) => string;

/**
 * @param trustedProxies addresses, or networks such as 10.0.0.0/8, whose X-Forwarded-For header is believed; no other
 * is
 */
export function clientAddressThrough(trustedProxies: readonly string[]): ClientAddress {
  const trust = proxyAddr.compile([...trustedProxies]);
  return (request) => normalize(proxyAddr(request, trust));
}

function normalize(address: string | undefined): string {
  // A closed socket has no address.
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/${ipv6ClientBits}`);
  return `${network.toString()}/${ipv6ClientBits}`;
}

/** Whether a text is an IP address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}
