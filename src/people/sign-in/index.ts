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
 * Assembles sign-in. The provider is contacted in the background at the start, so that wrong settings show in the log
 * at once; if it can't be reached, it is contacted again when a person signs in.
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
    (issuer) => logger.info(`People sign in through ${issuer}`),
    (error: unknown) =>
      logger.warn(
        `Nobody can sign in yet: ${describeFault(error, [settings.clientSecret])}. The next sign-in tries again`,
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
