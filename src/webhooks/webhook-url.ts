import { type InputProblem, problem } from '../problems/problem.js';
import { isLocalName, type NetworkRules, parseAddress } from './network-rules.js';

const maxUrlLength = 2048;
/** Below 1024 lie the ports of mail, shells and file shares, to which this server must not speak HTTP. */
const minOwnPort = 1024;

/**
 * The problems that the text of a webhook's URL shows; the addresses of a host name are checked only when a delivery
 * connects.
 * @param path of the URL in the input
 */
export function checkWebhookUrl(text: string, rules: NetworkRules, path: readonly string[]): readonly InputProblem[] {
  if (text.length > maxUrlLength) {
    return [problem(path, 'TOO_LONG', `A URL has at most ${maxUrlLength} characters.`)];
  }
  const url = parseUrl(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return [problem(path, 'INVALID_VALUE', 'This is not an http or https URL.', 'Begin the URL with https://.')];
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Deliveries are signed with the secret of the webhook: check the signature.';
    return [
      problem(
        path,
        'INVALID_VALUE',
        'This URL holds a user name or password, which everyone who sees the webhook could read.',
        hint,
      ),
    ];
  }
  if (url.hash !== '') return [problem(path, 'INVALID_VALUE', "A webhook's URL can not have a fragment (#…).")];
  // What the operator lists needs neither https nor a usual port: that hint alone leads on.
  if (isPrivateByName(url.hostname, rules)) return [inPrivateNetwork(url.hostname, path)];
  if (rules.isListed(url.hostname)) return [];
  const problems: InputProblem[] = [];
  if (url.protocol === 'http:') {
    problems.push(problem(path, 'INVALID_VALUE', 'Webhooks are delivered only over https.', 'Use https://.'));
  }
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < minOwnPort) {
    problems.push(problem(path, 'INVALID_VALUE', `The port must be 80, 443, or at least ${minOwnPort}.`));
  }
  return problems;
}

function inPrivateNetwork(hostname: string, path: readonly string[]): InputProblem {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return problem(
    path,
    'INVALID_VALUE',
    'The host is this machine or lies in a private network, and webhooks are not delivered to private networks.',
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
