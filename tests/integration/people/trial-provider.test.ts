import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openSignIn } from '../../../src/people/sign-in/index.js';
import { startTestApi } from '../../support/api.js';
import { Browser } from '../../support/browser.js';
import { freePort } from '../../support/free-port.js';
import { passProvider } from '../../support/openid-provider.js';
import { sessionIn } from '../../support/sign-in.js';

test('the provider of docs/sign-in.md lets somebody in on this Node', async () => {
  const issuer = `http://localhost:${await freePort()}`;
  await using api = await startTestApi({
    openSignIn: (dataSource, logger) =>
      openSignIn({
        settings: {
          issuer,
          clientId: 'attune',
          clientSecret: null,
          scopes: 'openid email profile',
          signUp: { kind: 'anyone' },
          administrators: new Set(),
          trustEmails: false,
        },
        publicUrl: null,
        dataSource,
        now: () => new Date(),
        logger,
      }),
  });
  const url = api.url.replace('127.0.0.1', 'localhost');
  const script = new URL('../../../scripts/openid-provider.mjs', import.meta.url);
  const provider = spawn(process.execPath, [script.pathname, new URL(issuer).port, api.url, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = await once(createInterface(provider.stdout), 'line');
    expect(line).toBe(`OIDC_ISSUER=${issuer} OIDC_CLIENT_ID=attune`);
    const browser = new Browser();
    const begun = await browser.get(`${url}/auth/sign-in?returnTo=/auth/session`);
    const visit = await passProvider(browser, begun, issuer, 'ada@example.com');
    expect(visit.url.href).toBe(`${url}/auth/session`);
    expect(sessionIn(visit)).toMatchObject({ signedIn: true, name: 'ada', email: 'ada@example.com' });
  } finally {
    const gone = once(provider, 'exit');
    provider.kill();
    await gone;
  }
});
