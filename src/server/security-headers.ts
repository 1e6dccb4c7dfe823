import type { RequestHandler } from 'express';
import helmet from 'helmet';

const yearSeconds = 31_536_000;

/** Features that pages of this server may not use, although none of them tries. */
const permissionsPolicy = ['camera', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Headers of every answer. The explorer loads everything from this server; its styles are inline, and its editor's
 * worker and its images are embedded in the page.
 * @param publicUrl the URL that people reach the server by; null: the address that the server listens on
 */
export function securityHeaders(publicUrl: string | null): RequestHandler {
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
  return (request, response, next) => {
    response.set('permissions-policy', permissionsPolicy);
    withHelmet(request, response, next);
  };
}
