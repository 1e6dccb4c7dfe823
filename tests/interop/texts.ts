/** What customers of a bank write, by what it is about. */
export const complaints: Readonly<Record<'cards' | 'transfers' | 'fees', readonly string[]>> = {
  cards: [
    'My card still has not arrived, what should I do?',
    'I think my card was swallowed by the machine.',
    'How do I activate the new card you sent me?',
    'The chip of my card stopped working yesterday.',
    'Can I order a second card for my daughter?',
    'someone stole my wallet, please block the card!!',
    'Is there a virtual card I can use online?',
    'My contactless payment was declined twice today.',
  ],
  transfers: [
    'Why is my transfer to Germany still pending?',
    'I sent money to the wrong account, can I get it back?',
    'How long does a bank transfer take to arrive?',
    'The recipient says nothing has come in so far.',
    'Please cancel the transfer I made this morning.',
    'My transfer was declined, though I have enough balance.',
    'Can I schedule a transfer for the first of each month?',
    'What is the limit of a single transfer abroad?',
  ],
  fees: [
    'Why was I charged an extra fee for cash withdrawal?',
    'There is a 1€ fee on my statement I do not recognise.',
    'What does it cost to exchange dollars into pounds?',
    'You charged me twice for the same thing.',
    'Is topping up by bank card free of charge?',
    'The exchange rate you used is not the one you show.',
    'How can I avoid the monthly fee?',
    'I want a refund of the fee from last week.',
  ],
};

export const labels = ['cards', 'transfers', 'fees'] as const;

/** Columns of the complaints' dataset, for a head of each kind. */
export const columns = {
  text: 'VARCHAR',
  label: 'VARCHAR',
  topics: 'VARCHAR[]',
  characters: 'DOUBLE',
  words: 'VARCHAR[]',
  spaces: 'DOUBLE',
  tags: 'VARCHAR[]',
};

/**
 * What is to be predicted of a complaint: its label, any of two topics, two numbers, and which of its words name a
 * thing.
 */
export function targetsOf(text: string, label: string) {
  const words = text.split(' ');
  const tags: string[] = words.map((word) =>
    /^(card|transfer|fee|account|bank|money)\b/i.test(word) ? 'B-THING' : 'O',
  );
  for (const [i, tag] of tags.entries()) {
    if (tag !== 'O' && i > 0 && /^(my|a|the|bank)$/i.test(words[i - 1]!)) {
      tags[i - 1] = 'B-THING';
      tags[i] = 'I-THING';
    }
  }
  const topics = [...(label === 'fees' ? ['money'] : []), ...(text.includes('?') ? ['question'] : [])];
  return { text, label, topics, characters: text.length, words, spaces: words.length - 1, tags };
}

/** Texts that tokenizers disagree about most easily. */
export const difficultTexts: readonly string[] = [
  '',
  ' ',
  '\t\n',
  ...Object.values(complaints).flat(),
  'Où est ma carte bancaire ? Ça fait déjà 3 semaines…',
  'Grüße aus Köln, die Überweisung über 1.250,50 € fehlt – wieso?',
  'Żółć, Ångström, naïve café, İstanbul, ﬁnance',
  'cafe\u0301 and café: combined or composed',
  '我的银行卡还没有到，怎么办？',
  'カードが届きません。どうすればいいですか？',
  '카드가 아직 도착하지 않았어요',
  'أين بطاقتي البنكية؟',
  'איפה הכרטיס שלי?',
  'कार्ड नहीं आया',
  'card 💳 lost 😭😭 help 🙏🏽 family 👩‍👩‍👧‍👦 flag 🇩🇪',
  'zero\u200bwidth, non\u00a0breaking, soft\u00adhyphen, right-to-left \u202e mark',
  'control \u0000 \u0007 \u001b characters, and \ufffd replacement',
  "it's don't won't I'll they've we'd — “quoted” ‘single’ …",
  'https://bank.example/help?id=42&lang=en#top  user@example.com  +44 (0)20 7946 0958',
  'MIXED Case, snake_case, kebab-case, CamelCase, 3.14159, 1,000,000, 50%, £20, $5.00',
  '[CLS] typed [SEP] as [MASK] text <s> and </s> <mask> [UNK] too',
  'a'.repeat(300),
  'supercalifragilisticexpialidocious antidisestablishmentarianism',
  '!?!?!?… ((())) [[]] {{}} \\ / | ` ~ ^ # @',
  Array.from({ length: 900 }, (_, i) => complaints.fees[i % 8]).join(' '),
  '😀'.repeat(500),
  '漢字'.repeat(600),
];
