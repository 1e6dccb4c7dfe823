import ipaddr from 'ipaddr.js';

/** Where webhooks may be delivered beside the public internet. */
export type PrivateAllowance = 'everywhere' | readonly AllowedTarget[];

type AllowedTarget =
  | { readonly kind: 'range'; readonly range: ReturnType<typeof ipaddr.parseCIDR> }
  /** In lower case; `*.` at the front stands for any name below the rest. */
  | { readonly kind: 'host'; readonly host: string };

/**
 * Rules for the addresses that are actually connected to, not for names: a name may resolve to another address at any
 * time.
 */
export interface NetworkRules {
  /**
   * Whether the operator listed this host name or literal address: then it may be reached without TLS, and on any port.
   */
  isListed(host: string): boolean;
  /** Whether a connection to `address` may be made on behalf of `host`. */
  allows(host: string, address: string): boolean;
}

const hostForm = /^(\*\.)?(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/;
/**
 * All of IPv6 that is routed on the internet lies in this block. Addresses that embed an IPv4 address for translators
 * lie outside it, or `range()` recognizes them.
 */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** The addresses that `localhost` resolves to, as a rule. */
const loopbackAddresses = [ipaddr.IPv4.parse('127.0.0.1'), ipaddr.IPv6.parse('::1')] as const;

/**
 * Reads a list such as `10.0.0.0/8, hooks.internal, *.corp.example`, or `*`. Null when a part is neither a network nor
 * a host.
 */
export function parsePrivateAllowance(text: string): PrivateAllowance | null {
  const parts = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  if (parts.includes('*')) return 'everywhere';
  const targets = parts.map(parseTarget);
  return targets.includes(null) ? null : targets.filter((target) => target !== null);
}

function parseTarget(text: string): AllowedTarget | null {
  if (ipaddr.isValidCIDR(text)) return { kind: 'range', range: ipaddr.parseCIDR(text) };
  const address = parseAddress(text);
  if (address !== null) return { kind: 'range', range: [address, address.kind() === 'ipv4' ? 32 : 128] };
  // Digits and dots alone would be an address in an unusual form, which is not accepted.
  return hostForm.test(text) && !/^[\d.]+$/.test(text) ? { kind: 'host', host: withoutDot(text) } : null;
}

export function createNetworkRules(allowance: PrivateAllowance): NetworkRules {
  const allowsHost = (host: string): boolean =>
    allowance === 'everywhere' ||
    allowance.some(
      (target) =>
        target.kind === 'host' &&
        (target.host.startsWith('*.') ? host.endsWith(target.host.slice(1)) : host === target.host),
    );
  /** `localhost` is this machine, whichever of its addresses the operator listed and the resolver answers with. */
  const allowsThisMachine = (host: string): boolean =>
    isLocalName(host) && loopbackAddresses.some((address) => allowsAddress(address));
  const allowsAddress = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
    allowance !== 'everywhere' &&
    allowance.some(
      (target) => target.kind === 'range' && target.range[0].kind() === address.kind() && address.match(target.range),
    );
  return {
    isListed(host) {
      const address = parseAddress(host);
      const name = withoutDot(host.toLowerCase());
      return allowsHost(name) || allowsThisMachine(name) || (address !== null && allowsAddress(address));
    },
    allows(host, address) {
      const parsed = parseAddress(address);
      if (parsed === null) return false;
      const name = withoutDot(host.toLowerCase());
      if (isPublic(parsed) || allowsAddress(parsed) || allowsHost(name)) return true;
      return parsed.range() === 'loopback' && allowsThisMachine(name);
    },
  };
}

/**
 * An address in a usual form, with or without brackets; null for any other text. An IPv4 address mapped into IPv6
 * becomes the IPv4 address.
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return null;
  return ipaddr.process(bare);
}

/** Whether a name is kept for this machine (RFC 6761): `localhost`, and every name below it. In lower case, no dot. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/**
 * Whether an address is public: neither loopback, private, link-local, shared, multicast or documentation, nor a form
 * that a gateway would translate into such an address.
 */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast);
}

function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}
