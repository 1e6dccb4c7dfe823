import { type InputProblem, problem } from '../problems/problem.js';
import { type NetworkRules, parseAddress } from './network-rules.js';

const maxUrlLength = 2048;
/** Below 1024 lie the ports of mail, shells and file shares, which are not to be spoken HTTP to in our name. */
const minOwnPort = 1024;

/**
 * What is wrong with the URL of a webhook, as far as its text tells; where a name leads is looked at when a delivery connects.
 * @param path of the URL in the input
 */
export function checkWebhookUrl(text: string, rules: NetworkRules, path: readonly string[]): readonly InputProblem[] {
  if (text.length > maxUrlLength) {
    return [problem(path, 'TOO_LONG', `A URL has at most ${maxUrlLength} characters.`)];
  }
  const url = parseUrl(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return [problem(path, 'INVALID_VALUE', 'This is not an http or https URL.', 'It begins with https://.')];
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'Deliveries are signed with the secret of the webhook: check the signature.';
    return [problem(path, 'INVALID_VALUE', 'A URL with a user name or password would be shown with them.', hint)];
  }
  if (url.hash !== '') return [problem(path, 'INVALID_VALUE', 'A URL to send to has no fragment (#…).')];
  const listed = rules.isListed(url.hostname);
  const problems: InputProblem[] = [];
  if (isPrivateByName(url.hostname, rules)) {
    const message = 'The host is this machine, or in a private network, where webhooks are not delivered to.';
    const hint = 'The operator of the server can allow it with ATTUNE_WEBHOOK_ALLOW_PRIVATE.';
    problems.push(problem(path, 'INVALID_VALUE', message, hint));
  }
  if (url.protocol === 'http:' && !listed) {
    problems.push(problem(path, 'INVALID_VALUE', 'A webhook is delivered over https only.', 'Use https://.'));
  }
  if (url.port !== '' && url.port !== '80' && url.port !== '443' && Number(url.port) < minOwnPort && !listed) {
    problems.push(problem(path, 'INVALID_VALUE', `The port is 80, 443, or from ${minOwnPort} on.`));
  }
  return problems;
}

/** A URL that was checked, in the one form that the URL standard gives it. */
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

/** The URL standard has made decimal, hexadecimal and octal forms of an address one by now. */
function isPrivateByName(hostname: string, rules: NetworkRules): boolean {
  if (parseAddress(hostname) !== null) return !rules.allows(hostname, hostname);
  const name = hostname.replace(/\.$/, '');
  return (name === 'localhost' || name.endsWith('.localhost')) && !rules.isListed(hostname);
}
