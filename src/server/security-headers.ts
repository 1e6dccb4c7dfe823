import type { RequestHandler } from 'express';
import helmet from 'helmet';

const yearSeconds = 31_536_000;

/** What pages from here may not do, though nothing in them tries. */
const permissionsPolicy = ['camera', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Headers of every answer. The explorer loads everything from here; its styles are inline, its editor's worker and its images are built in the
 * page. @param publicUrl the URL that people reach the server by, null where that is the address it listens on
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
        // There is no TLS to upgrade to on a loopback address.
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
