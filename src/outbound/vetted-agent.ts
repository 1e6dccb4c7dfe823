import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { messageOf } from '../protocol/message-of.js';
import type { NetworkRules } from './network-rules.js';

/** The host has an address that the rules do not allow. */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';

  constructor(readonly host: string) {
    super(`${host} has an address in a private network.`);
  }
}

/**
 * Connections to addresses that the rules allow. Addresses are checked when a connection is made: each address that
 * the name resolves to, and the one that was connected. So a name that is redirected between check and use gains
 * nothing. Redirects are not followed, and proxies are not used.
 */
export function createVettedAgent(options: {
  readonly rules: NetworkRules;
  readonly timeoutMs: number;
  /** Resolves names; by default the system's resolver. */
  readonly lookup?: typeof dnsLookup;
}): Agent {
  const { rules, timeoutMs, lookup = dnsLookup } = options;
  const connect = buildConnector({ timeout: timeoutMs, lookup: vettedLookup(rules, lookup) });
  return new Agent({
    connect(target, callback) {
      // Node does not look up literal addresses, so they are checked here.
      if (isIP(target.hostname) !== 0 && !rules.allows(target.hostname, target.hostname)) {
        callback(new BlockedAddress(target.hostname), null);
        return;
      }
      connect(target, (error, socket) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        if (!rules.allows(target.hostname, socket.remoteAddress ?? '')) {
          socket.destroy();
          callback(new BlockedAddress(target.hostname), null);
          return;
        }
        callback(null, socket);
      });
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
}

/** Resolves names, and fails when any address of a name is one that the rules do not allow. */
function vettedLookup(rules: NetworkRules, lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (first === undefined || addresses.some(({ address }) => !rules.allows(hostname, address))) {
        callback(new BlockedAddress(hostname), '', 0);
        return;
      }
      if (options.all === true) callback(null, addresses as LookupAddress[]);
      else callback(null, first.address, first.family);
    });
  };
}

/** The error of the first address when several failed, or the innermost cause of the error. */
export function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error) return rootOf(error.cause);
  return error;
}

/** The reason in words. Errors with a code get a fixed text, because the system's messages name addresses. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the host does not resolve.';
    case 'ECONNREFUSED':
      return 'The host refused the connection.';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'The connection broke off before a response came.';
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return 'The host did not answer.';
    default:
      return `The request failed: ${code ?? messageOf(error)}.`;
  }
}
