import { type InputProblem, problem } from '../problems/problem.js';
import { isLocalName, type NetworkRules, parseAddress } from './network-rules.js';

const maxUrlLength = 2048;
/** Below 1024 lie the ports of mail, shells and file shares, to which this server must not speak HTTP. */
const minOwnPort = 1024;

/** What a URL is for, as messages say it. */
export interface UrlPurpose {
  /** e.g. “Webhooks are delivered”. */
  readonly isCalled: string;
  /** e.g. “webhooks are not delivered”. */
  readonly isNotCalled: string;
  /** How a receiver knows who calls, in place of a password in the URL. */
  readonly signed: string;
  /** e.g. “A webhook's URL”. */
  readonly ofUrl: string;
}

/**
 * The problems that the text of a URL shows which the server is to call; the addresses of a host name are checked only
 * when a call connects.
 * @param path of the URL in the input
 */
export function checkOutboundUrl(
  text: string,
  rules: NetworkRules,
  path: readonly string[],
  purpose: UrlPurpose,
): readonly InputProblem[] {
  if (text.length > maxUrlLength) {
    return [problem(path, 'TOO_LONG', `A URL has at most ${maxUrlLength} characters.`)];
  }
  const url = parseUrl(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return [problem(path, 'INVALID_VALUE', 'This is not an http or https URL.', 'Begin the URL with https://.')];
  }
  if (url.username !== '' || url.password !== '') {
    const message = 'This URL holds a user name or password, which everyone who sees it could read.';
    return [problem(path, 'INVALID_VALUE', message, purpose.signed)];
  }
  if (url.hash !== '') return [problem(path, 'INVALID_VALUE', `${purpose.ofUrl} can not have a fragment (#…).`)];
  // What the operator lists needs neither https nor a usual port: that hint alone leads on.
  if (isPrivateByName(url.hostname, rules)) return [inPrivateNetwork(url.hostname, path, purpose)];
  if (rules.isListed(url.hostname)) return [];
  const problems: InputProblem[] = [];
  if (url.protocol === 'http:') {
    problems.push(problem(path, 'INVALID_VALUE', `${purpose.isCalled} only over https.`, 'Use https://.'));
  }
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < minOwnPort) {
    problems.push(problem(path, 'INVALID_VALUE', `The port must be 80, 443, or at least ${minOwnPort}.`));
  }
  return problems;
}

function inPrivateNetwork(hostname: string, path: readonly string[], { isNotCalled }: UrlPurpose): InputProblem {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return problem(
    path,
    'INVALID_VALUE',
    `The host is this machine or lies in a private network, and ${isNotCalled} to private networks.`,
    `The operator of the server can allow it: ATTUNE_WEBHOOK_ALLOW_PRIVATE=${host}. What is listed there needs no https.`,
  );
}

/** A checked URL in the URL standard's one normal form. */
export function normalizedUrl(text: string): string {
  return new URL(text).href;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** The URL standard has already turned decimal, hexadecimal and octal forms of an address into one form. */
function isPrivateByName(hostname: string, rules: NetworkRules): boolean {
  if (parseAddress(hostname) !== null) return !rules.allows(hostname, hostname);
  return isLocalName(hostname.replace(/\.$/, '')) && !rules.isListed(hostname);
}
