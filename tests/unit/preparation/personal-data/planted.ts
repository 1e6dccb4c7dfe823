import { composeIBAN, countrySpecs } from 'ibantools';
import { getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import type { PersonalDataKind } from '../../../../src/protocol/preparation/steps/personal-data.js';
import { below, digits, drawn, pick, type Random } from './draw.js';
import { drawId, idPeers } from './id-peers.js';

/** A text with one planted value, or with something that looks like one and is none. */
export interface PlantedText {
  readonly text: string;
  /** What `scan` must find, and nothing else; nothing in a text with a near miss. */
  readonly planted?: {
    readonly kind: PersonalDataKind;
    readonly detail: string;
    readonly start: number;
    readonly end: number;
  };
  /** The kind whose near miss the text has. */
  readonly nearMissOf?: PersonalDataKind;
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${lower}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;

/** `¤` takes the value. */
const sentences = {
  EMAIL: [
    'Please write to ¤ before Friday.',
    'Contact: ¤',
    'From <¤> on Monday, subject: the garden fence',
    'mailto:¤',
  ],
  PHONE: ['You can call me on ¤ after lunch.', 'Tel.: ¤', 'My mobile is ¤, ask for the manager.', 'Text ¤ to confirm.'],
  PAYMENT_CARD: [
    'She paid with card ¤ yesterday.',
    'The number on the front reads ¤.',
    'Visa ¤ expires soon',
    'charged to ¤, thanks',
  ],
  IBAN: ['Transfer the rent to ¤ by the first.', 'IBAN: ¤', 'Account ¤ belongs to the club.', '(¤)'],
  IP_ADDRESS: ['The request came from ¤ at night.', 'Server ¤ did not answer.', 'ping ¤', 'Blocked ¤ after ten tries.'],
  URL_CREDENTIALS: ['Clone ¤ and build it.', 'DATABASE_URL=¤', 'It connects to ¤ by default.'],
  SECRET: ['I committed ¤ by mistake.', 'export TOKEN=¤', 'The key is ¤, keep it safe.', '{"value": "¤"}'],
} as const;

const idSentences = ['Her % is ¤.', '%: ¤', 'Please state your % (¤) on the form.', 'My % ¤ is on the letter.'];

/** Issuers' beginnings and lengths: the last digit makes Luhn's sum right. */
const cards = [
  ['Visa', '4', 16],
  ['Mastercard', '53', 16],
  ['Mastercard', '2223', 16],
  ['American Express', '37', 15],
  ['Discover', '6011', 16],
  ['Diners Club', '36', 14],
  ['JCB', '3530', 16],
  ['UnionPay', '62', 16],
] as const;

function drawCard(random: Random, isRight: boolean): { detail: string; value: string } {
  const [detail, prefix, length] = pick(random, cards);
  const body = prefix + digits(random, length - prefix.length - 1);
  let sum = 0;
  // The check digit's own place counts once, so the one before it is doubled.
  [...body].reverse().forEach((digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  const right = (10 - (sum % 10)) % 10;
  const compact = body + ((right + (isRight ? 0 : 1 + below(random, 9))) % 10);
  if (random() < 0.5) return { detail, value: compact };
  const separator = pick<string>(random, ' -');
  const groups =
    length === 16 ? /(\d{4})(\d{4})(\d{4})(\d{4})/ : length === 15 ? /(\d{4})(\d{6})(\d{5})/ : /(\d{4})(\d{6})(\d{4})/;
  return { detail, value: compact.match(groups)!.slice(1).join(separator) };
}

const ibanCountries = Object.entries(countrySpecs).filter(
  // Account numbers with national check digits of their own are more than a random draw gives.
  ([, { bban_regexp, bban_validation_func, IBANRegistry }]) => IBANRegistry && bban_regexp && !bban_validation_func,
);

function drawIban(random: Random, isRight: boolean): { detail: string; value: string } {
  const [country, { bban_regexp }] = pick(random, ibanCountries);
  const bban = [...bban_regexp!.matchAll(/\[([A-Z0-9-]+)\]\{(\d+)\}/g)]
    .map(([, set, length]) => drawn(random, set === '0-9' ? '0123456789' : 'ABCDEFGHJKLMNPQRST', Number(length)))
    .join('');
  let compact = composeIBAN({ countryCode: country as never, bban })!;
  if (!isRight)
    compact = compact.slice(0, 2) + String(Number(compact.slice(2, 4)) + 1).padStart(2, '0') + compact.slice(4);
  return { detail: country, value: random() < 0.5 ? compact : compact.replace(/(.{4})(?=.)/g, '$1 ') };
}

function drawPhone(random: Random): { detail: string; value: string } {
  const region = pick(random, ['US', 'GB', 'DE', 'FR', 'ES', 'IT', 'NL', 'IN', 'BR', 'AU'] as const);
  const number = getExampleNumber(region, examples)!;
  return { detail: region, value: random() < 0.5 ? number.formatInternational() : number.formatNational() };
}

const drawEmail = (random: Random): { detail: string; value: string } => {
  const detail = `${drawn(random, lower, 6)}.${pick(random, ['com', 'org', 'de', 'co.uk', 'io', 'museum'])}`;
  const local = pick(random, ['anna.k', 'j+news', 'o_neil', "d'arcy", 'x', 'first.last-2', 'ünal']);
  return { detail, value: `${local}@${detail}` };
};

const hex = (random: Random, length: number): string => drawn(random, '0123456789abcdef', length);

function drawAddress(random: Random): { detail: string; value: string } {
  const four = `${pick(random, ['8', '62', '91', '185'])}.${below(random, 256)}.${10 + below(random, 200)}.${1 + below(random, 250)}`;
  if (random() < 0.6) return { detail: 'IPv4 unicast', value: four };
  return {
    detail: 'IPv6 unicast',
    value: `2a0${below(random, 10)}:${hex(random, 4)}:${hex(random, 3)}f::${hex(random, 4)}`,
  };
}

const drawCredentials = (random: Random): { detail: string; value: string; around: string } => {
  const detail = pick(random, ['https', 'postgres', 'ftp', 'mongodb+srv', 'amqp']);
  return {
    detail,
    value: `svc_${drawn(random, lower, 4)}:${drawn(random, alphanumeric, 12)}`,
    around: `${detail}://¤@db.corp.net/main`,
  };
};

/** Written in parts, so that nobody's scanner takes this file for a leak. */
function drawSecret(random: Random): { detail: string; value: string } {
  const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return pick<() => { detail: string; value: string }>(random, [
    () => ({ detail: 'AWS', value: `AK${'IA'}${drawn(random, upper, 16)}` }),
    () => ({ detail: 'GitHub', value: `gh${'p_'}${drawn(random, alphanumeric, 36)}` }),
    () => ({
      detail: 'Slack',
      value: `xo${'xb-'}${digits(random, 12)}-${digits(random, 12)}-${drawn(random, alphanumeric, 24)}`,
    }),
    () => ({ detail: 'Google', value: `AI${'za'}${drawn(random, alphanumeric, 35)}` }),
    () => ({ detail: 'Stripe', value: `sk${'_live_'}${drawn(random, alphanumeric, 24)}` }),
    () => ({ detail: 'OpenAI', value: `sk${'-proj-'}${drawn(random, alphanumeric, 48)}` }),
    () => ({ detail: 'Anthropic', value: `sk${'-ant-'}api03-${drawn(random, alphanumeric, 40)}` }),
    () => ({ detail: 'HuggingFace', value: `hf${'_'}${drawn(random, lower, 34)}` }),
    () => ({ detail: 'Npm', value: `np${'m_'}${drawn(random, alphanumeric, 36)}` }),
    () => ({
      detail: 'JWT',
      value: `ey${'J'}${drawn(random, alphanumeric, 20)}.ey${'J'}${drawn(random, alphanumeric, 40)}.${drawn(random, alphanumeric, 43)}`,
    }),
  ])();
}

const drawNationalId = (random: Random, isRight: boolean): { detail: string; value: string } => {
  // An SSN has no check digit, and with it no near miss of this sort.
  const detail = pick(
    random,
    Object.keys(idPeers).filter((name) => isRight || name !== 'US SSN'),
  );
  return { detail, value: drawId(random, idPeers[detail]!, isRight) };
};

/** Nothing here is personal data: numbers that count, name or date things. */
const harmless: ((random: Random) => string)[] = [
  (random) => `Your order ${digits(random, 9)} has left the warehouse.`,
  (random) => `Invoice ${digits(random, 11)} is due on 2024-0${1 + below(random, 9)}-1${below(random, 10)}.`,
  (random) => `Tracking number ${digits(random, 10)}, delivered at 12:30:4${below(random, 10)}.`,
  (random) =>
    `Version ${below(random, 9)}.${below(random, 9)}.${below(random, 9)}.${below(random, 9)} fixes the crash, v${below(random, 9)}.12.0.4 does not.`,
  (random) =>
    `It cost $${digits(random, 3)},${digits(random, 3)},${digits(random, 3)}.99 in total, or 1 ${digits(random, 3)} ${digits(random, 3)},50 euros.`,
  (random) => `From 12.03.20${digits(random, 2)} to 31.12.20${digits(random, 2)} the museum is closed.`,
  (random) => `commit ${hex(random, 40)} touches ${digits(random, 3)} files`,
  (random) => `id=${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`,
  (random) => `The timestamp 17${digits(random, 11)} is in milliseconds.`,
  (random) =>
    `They scored ${digits(random, 2)}-${digits(random, 2)} in 19${digits(random, 2)}, with 1${digits(random, 3)} seats sold.`,
  (random) => `The area is ${digits(random, 2)}.${digits(random, 9)} km and pi is 3.14159265358979.`,
  (random) => `ISBN 978-3-16-${digits(random, 6)}-0 and part no. ${digits(random, 3)}-${digits(random, 4)}`,
  () => 'Ask @anna about it, or write in #general: the ratio is 3:2, the file is logo@2x.png.',
  () => 'std::vector<int> a; b::c(d); password: please choose one; token = next(tokens)',
  () => 'See https://example.org/a?b=c@d and chapter 1.2.3.4 of the manual, at 10:15:30.',
];

/** Makes so many texts with one value of each kind, so many with a near miss, and as many that are clean. */
export function plantedTexts(random: Random, ofEachKind: number): PlantedText[] {
  const texts: PlantedText[] = [];
  const plant = (kind: PersonalDataKind, sentence: string, { detail, value }: { detail: string; value: string }) => {
    const start = sentence.indexOf('¤');
    const text = sentence.slice(0, start) + value + sentence.slice(start + 1);
    texts.push({ text, planted: { kind, detail, start, end: start + value.length } });
  };
  const idSentence = (detail: string) => pick(random, idSentences).replace('%', idPeers[detail]!.called);
  const miss = (kind: PersonalDataKind, sentence: string, value: string) =>
    texts.push({ text: sentence.replace('¤', value), nearMissOf: kind });
  for (let count = 0; count < ofEachKind; count++) {
    plant('EMAIL', pick(random, sentences.EMAIL), drawEmail(random));
    plant('PHONE', pick(random, sentences.PHONE), drawPhone(random));
    plant('PAYMENT_CARD', pick(random, sentences.PAYMENT_CARD), drawCard(random, true));
    plant('IBAN', pick(random, sentences.IBAN), drawIban(random, true));
    plant('IP_ADDRESS', pick(random, sentences.IP_ADDRESS), drawAddress(random));
    const credentials = drawCredentials(random);
    const around = pick(random, sentences.URL_CREDENTIALS).replace('¤', credentials.around);
    texts.push(withCredentials(around, credentials));
    plant('SECRET', pick(random, sentences.SECRET), drawSecret(random));
    const id = drawNationalId(random, true);
    plant('NATIONAL_ID', idSentence(id.detail), id);
    miss('PAYMENT_CARD', pick(random, sentences.PAYMENT_CARD), drawCard(random, false).value);
    miss('IBAN', pick(random, sentences.IBAN), drawIban(random, false).value);
    const wrong = drawNationalId(random, false);
    miss('NATIONAL_ID', idSentence(wrong.detail), wrong.value);
    texts.push({ text: pick(random, harmless)(random) });
  }
  return texts;
}

function withCredentials(sentence: string, { detail, value }: { detail: string; value: string }): PlantedText {
  const start = sentence.indexOf('://¤@') + 3;
  const text = `${sentence.slice(0, start)}${value}${sentence.slice(start + 1)}`;
  return { text, planted: { kind: 'URL_CREDENTIALS', detail, start, end: start + value.length } };
}
