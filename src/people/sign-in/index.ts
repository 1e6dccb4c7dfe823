import type { Router } from 'express';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { poolQuery } from '../../database/transaction.js';
import { admit } from './admit.js';
import { createAttempts } from './attempts.js';
import { cookie } from './cookies.js';
import { describeFault } from './faults.js';
import { createProvider } from './provider.js';
import { createSessions, type Sessions } from './sessions.js';
import type { SignInSettings } from './settings.js';
import { signInRouter } from './sign-in.router.js';

export interface SignIn {
  readonly router: Router;
  readonly sessions: Sessions;
}

/**
 * Puts sign-in together. The provider is asked who it is in the background, so that wrong settings are in the log at the start; when it can't
 * be reached, it is asked again when somebody signs in.
 */
export function openSignIn(options: {
  readonly settings: SignInSettings;
  readonly publicUrl: string | null;
  readonly dataSource: DataSource;
  readonly now: () => Date;
  readonly logger: Logger;
}): SignIn {
  const { settings, publicUrl, dataSource, now, logger } = options;
  const query = poolQuery(dataSource);
  const secure = publicUrl?.startsWith('https:') ?? false;
  const sessions = createSessions({ query, cookie: cookie('attune', secure), now });
  const provider = createProvider(settings);
  provider.check().then(
    () => logger.info(`People sign in through ${settings.issuer}`),
    (error: unknown) =>
      logger.warn(
        `Nobody can sign in yet: ${describeFault(error, [settings.clientSecret])}. Tried again when somebody does`,
      ),
  );
  const router = signInRouter({
    provider,
    attempts: createAttempts(query, now),
    sessions,
    browserCookie: cookie('attune-sign-in', secure),
    admit: (identity) => admit(dataSource, identity, settings),
    query,
    publicUrl,
    clientSecret: settings.clientSecret,
    logger,
  });
  return { router, sessions };
}
