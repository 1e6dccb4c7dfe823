// An OpenID provider to try sign-in with, on this machine alone: it takes any login as an e-mail address, and any
// password.
//   node scripts/openid-provider.mjs [port] [URLs of Attune]
// The port is 5556 by default, the URLs are http://127.0.0.1:4000 and http://localhost:4000.
import Provider from 'oidc-provider';

const [port = '5556', ...given] = process.argv.slice(2);
const urls = given.length > 0 ? given : ['http://127.0.0.1:4000', 'http://localhost:4000'];
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'attune',
      token_endpoint_auth_method: 'none',
      redirect_uris: urls.map((url) => `${url}/auth/callback`),
      post_logout_redirect_uris: urls.map((url) => `${url}/auth/sign-out`),
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, login) => ({
    accountId: login,
    claims: () => ({ sub: login, email: login, email_verified: true, name: login.split('@')[0] }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`OIDC_ISSUER=${issuer} OIDC_CLIENT_ID=attune\n`);
});
