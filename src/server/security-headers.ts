import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { Handler } from './handler.js';

const yearSeconds = 31_536_000;

/** Features that pages of this server may not use, although none of them tries. */
const permissionsPolicy = ['camera', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Headers of every answer: the same for all, so they are made once. The explorer loads everything from this server; its
 * styles are inline, and its editor's worker and its images are embedded in the page.
 * @param publicUrl the URL that people reach the server by; null: the address that the server listens on
 */
export function securityHeaders(publicUrl: string | null): Handler {
  const overTls = publicUrl?.startsWith('https:') === true;
  const withHelmet = helmet({
    contentSecurityPolicy: {
      directives: {
        'default-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'worker-src': ["'self'", 'blob:'],
        'connect-src': ["'self'"],
        'frame-ancestors': ["'none'"],
        // A loopback address has no TLS to upgrade to.
        'upgrade-insecure-requests': overTls ? [] : null,
      },
    },
    strictTransportSecurity: overTls ? { maxAge: yearSeconds, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  const request = new IncomingMessage(new Socket());
  const sample = new ServerResponse(request).setHeader('permissions-policy', permissionsPolicy);
  withHelmet(request, sample, (error) => {
    if (error !== undefined) throw error;
  });
  const headers = sample.getHeaderNames().map((name) => [name, sample.getHeader(name)!] as const);
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}
