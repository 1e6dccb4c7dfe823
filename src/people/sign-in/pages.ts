/** A page for a person: plain HTML without scripts. */
export interface Page {
  readonly status: number;
  readonly title: string;
  /** The page's paragraphs. */
  readonly text: readonly string[];
  readonly link?: { readonly href: string; readonly label: string };
  /** A button that posts to `action`. */
  readonly button?: { readonly action: string; readonly label: string };
  /**
   * The URL that the browser continues to by itself; a link and not a redirect where a form must not redirect (CSP
   * form-action).
   */
  readonly goOn?: string;
}

const again = { href: '/auth/sign-in', label: 'Sign in' };
const asSomebodyElse = { href: '/auth/sign-in?afresh=true', label: 'Sign in as somebody else' };

export const pages = {
  notSetUp: {
    status: 404,
    title: 'Sign-in is not set up',
    text: [
      'No OpenID provider is set up on this server. Whoever runs it sets OIDC_ISSUER and OIDC_CLIENT_ID; until then, use an API key.',
    ],
  },
  providerUnavailable: {
    status: 503,
    title: 'Sign-in does not work right now',
    text: [
      'The provider that people sign in through can not be reached, or can not be used. Try again in a moment.',
      "If it stays so, whoever runs this server finds the reason in the server's log.",
    ],
    link: { href: '/auth/sign-in', label: 'Try again' },
  },
  stale: {
    status: 400,
    title: 'This sign-in can not be finished',
    text: [
      'It was begun in another browser, took longer than ten minutes, or was finished before. Cookies must be allowed for this site.',
    ],
    link: again,
  },
  denied: {
    status: 403,
    title: 'You were not signed in',
    text: ['The provider says that access was denied, or that the sign-in was called off.'],
    link: again,
  },
  providerError: {
    status: 502,
    title: 'You were not signed in',
    text: ["The provider did not answer as it should. Whoever runs this server finds the reason in the server's log."],
    link: again,
  },
  notConfirmed: {
    status: 502,
    title: 'You were not signed in',
    text: [
      "What the provider said about you could not be confirmed. Whoever runs this server finds the reason in the server's log.",
    ],
    link: again,
  },
  noEmail: {
    status: 403,
    title: 'Your e-mail address is not known',
    text: [
      'The provider did not send your e-mail address. Whoever runs this server can ask the provider for it with the scope "email".',
    ],
    link: asSomebodyElse,
  },
  emailNotVerified: {
    status: 403,
    title: 'Your e-mail address is not verified',
    text: ['The provider does not confirm that your e-mail address is yours. Verify it there, then sign in again.'],
    link: asSomebodyElse,
  },
  notInvited: {
    status: 403,
    title: 'You have no access',
    text: [
      'You are signed in at the provider, but were not invited here. An owner of a project can add your e-mail address to it.',
    ],
    link: asSomebodyElse,
  },
  emailOfAnother: {
    status: 403,
    title: 'You have no access',
    text: [
      'Your e-mail address belongs to a user who signs in with another account of the provider. An administrator of this server can help.',
    ],
    link: asSomebodyElse,
  },
  deactivated: {
    status: 403,
    title: 'You have no access',
    text: ['Your user was deactivated. An administrator of this server can help.'],
    link: asSomebodyElse,
  },
  otherOrigin: {
    status: 403,
    title: 'You are still signed in',
    text: ["To sign out, open the sign-out page of this server in a browser that sends the request's origin."],
    link: { href: '/auth/sign-out', label: 'Sign out' },
  },
  signedOut: { status: 200, title: 'You are signed out', text: [], link: again },
} as const satisfies Readonly<Record<string, Page>>;

/** The page after signing out here, which continues to the provider to sign out there too. */
export function signedOutHere(providerUrl: URL): Page {
  return {
    status: 200,
    title: 'You are signed out here',
    text: ['You are being signed out at the provider too.'],
    link: { href: providerUrl.href, label: 'Go on' },
    goOn: providerUrl.href,
  };
}

/** Asks for confirmation before signing out. */
export function confirmSignOut(name: string): Page {
  return {
    status: 200,
    title: 'Sign out',
    text: [`You are signed in as ${name}.`],
    button: { action: '/auth/sign-out', label: 'Sign out' },
    link: { href: '/', label: 'Stay signed in' },
  };
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto 0;padding:0 1rem;color:#222}h1{font-size:1.4rem}' +
  'a,button{font:inherit;color:#0a58ca}@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#eee}a,button{color:#8ab4f8}}';

export function renderPage({ title, text, link, button, goOn }: Page): string {
  const parts = [
    `<h1>${escaped(title)}</h1>`,
    ...text.map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ...(button
      ? [`<form method="post" action="${escaped(button.action)}"><button>${escaped(button.label)}</button></form>`]
      : []),
    ...(link ? [`<p><a href="${escaped(link.href)}">${escaped(link.label)}</a></p>`] : []),
  ];
  const refresh = goOn === undefined ? '' : `<meta http-equiv="refresh" content="0; url=${escaped(goOn)}">`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">${refresh}<title>${escaped(title)} · Attune</title><style>${style}</style></head>
<body>
${parts.join('\n')}
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}
