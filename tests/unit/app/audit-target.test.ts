import { expect, test } from 'vitest';
import { shownUrl } from '../../../src/access/audit-target.js';

test.each([
  ['https://example.com', 'https://example.com/'],
  ['https://example.com:8443/attune', 'https://example.com:8443/attune'],
  ['https://example.com/hooks/attune', 'https://example.com/hooks/attune'],
  ['https://example.com/attune?token=a', 'https://example.com/attune?…'],
  ['https://hooks.slack.com/services/T01/B02/a-key', 'https://hooks.slack.com/services/T01/B02/…'],
  ['https://hooks.zapier.com/hooks/catch/123/a-key/', 'https://hooks.zapier.com/hooks/catch/123/…/'],
  [`https://example.com/${'k'.repeat(20)}/in`, 'https://example.com/…/in'],
  ['no URL', '…'],
])('of %s the audit log has %s', (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
