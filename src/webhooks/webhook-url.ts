import type { NetworkRules } from '../outbound/network-rules.js';
import { checkOutboundUrl } from '../outbound/outbound-url.js';
import type { InputProblem } from '../problems/problem.js';

/** The problems that the text of a webhook's URL shows. */
export function checkWebhookUrl(text: string, rules: NetworkRules, path: readonly string[]): readonly InputProblem[] {
  return checkOutboundUrl(text, rules, path, {
    isCalled: 'Webhooks are delivered',
    isNotCalled: 'webhooks are not delivered',
    signed: 'Deliveries are signed with the secret of the webhook: check the signature.',
    ofUrl: "A webhook's URL",
  });
}
