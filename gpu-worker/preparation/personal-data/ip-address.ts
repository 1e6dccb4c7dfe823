import ipaddr from 'ipaddr.js';
import { judgedByContext, wordsPattern } from './context.js';
import type { Finding } from './finding.js';

const fourParts = /(?<![\w.-])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\w-]|\.\d)/g;

/** What can be an IPv6 address: hexadecimal groups and at least two colons; a dotted IPv4 tail; a zone. */
const colonGroups = /(?<![\w:.])(?:[\da-f]{0,4}:){2,7}(?:[\da-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)/gi;

const addressWords = wordsPattern([
  'ip',
  'ips',
  'ipv4',
  'ipv6',
  'address',
  'host',
  'server',
  'client',
  'login',
  'logged in',
  'logon',
  'signed in',
  'connected',
  'connection',
  'subnet',
  'gateway',
  'dns',
  'router',
  'firewall',
  'network',
  'ping',
  'ssh',
  'peer',
  'remote',
  'proxy',
  'adresse',
  'dirección',
  'indirizzo',
  'endereço',
]);

/** Four numbers with dots that follow one of these count releases or parts of a document. */
const versionWords =
  /(?:\b(?:v|ver|version|versions|release|released|rev|revision|build|firmware|driver|kernel|update|upgrade|upgraded to|patch|section|sections|chapter|clause|paragraph|article|figure|table|appendix|oid)\.?[\s:#=-]*(?:to\s+)?|§\s*|[<>=~^]=?\s*)$/i;

/**
 * Finds IPv4 and IPv6 addresses. Its detail is the version and ipaddr.js' range (`IPv4 private`).
 *
 * Four small numbers with dots may be a version. The words before decide: `v1.2.3.4` or `release 1.2.3.4` is none at
 * any threshold; where nothing is said, four one-digit numbers stay below the default threshold. Addresses that belong
 * to no host (loopback, unspecified, broadcast, documentation) stay below it too.
 */
export function findIpAddresses(
  text: string,
  digits: number,
  hasDot: boolean,
  hasColon: boolean,
  found: Finding[],
): void {
  if (hasDot && digits >= 4) {
    for (const match of text.matchAll(fourParts)) {
      const start = match.index;
      const end = start + match[0].length;
      if (versionWords.test(text.slice(Math.max(0, start - 24), start))) continue;
      add(text, match[0], start, end, /^\d(?:\.\d){3}$/.test(match[0]) ? 0.4 : 0.75, found);
    }
  }
  if (hasColon) {
    for (const match of text.matchAll(colonGroups)) {
      const groups = match[0].split(':').filter((group) => group !== '').length;
      // `12:30:45` is no address, since it has neither eight groups nor `::`; `a::b` is one, and a name in C++ too.
      if (groups === 0 || !ipaddr.IPv6.isValid(match[0])) continue;
      add(text, match[0], match.index, match.index + match[0].length, groups >= 3 ? 0.9 : 0.3, found);
    }
  }
}

function add(text: string, address: string, start: number, end: number, base: number, found: Finding[]): void {
  const parsed = ipaddr.parse(address);
  const range: string = parsed.range();
  const reachesNobody = ['loopback', 'unspecified', 'broadcast', 'reserved', 'multicast'].includes(range);
  found.push({
    kind: 'IP_ADDRESS',
    detail: `${parsed.kind() === 'ipv4' ? 'IPv4' : 'IPv6'} ${range}`,
    start,
    end,
    confidence: reachesNobody ? 0.2 : judgedByContext(text, start, end, base, addressWords),
  });
}
