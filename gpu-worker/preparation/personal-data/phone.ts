import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { judgedByContext, otherNumberWords, wordsPattern } from './context.js';
import type { Finding } from './finding.js';
import { nationalIds } from './national-ids/index.js';
import { isPossible, type NumberingPlan } from './numbering-plans.js';

/** Digits with the separators of telephone numbers; no part of a word, a decimal, an amount, a URL or a time. */
const candidate =
  /(?<![\p{L}\d_.,/#$€£%=@&?-])(?<!\d[: ])(?:\+|\(\+?)?\d(?:\)?[-./ \u00a0\u2009\u2010-\u2013]{0,2}\(?\d){5,60}(?![\p{L}\d_%€]|[.,:]\d)/gu;

/** A date, which a time may follow; one with spaces is a date only if nothing follows. */
const date =
  /^(?:(?:18|19|20)\d\d([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:(?:18|19|20)?\d\d))(?![\d./-])|^\d{1,2} \d{1,2} (?:18|19|20)\d\d$/;

/** One point between digits is that of a decimal. */
const decimal = /^\d+\.\d+$/;

/** `331 895 757` may be a number of people as well. */
const thousands = /^\d{1,3}(?:[ .\u00a0\u2009\u202f]\d{3})+$/;

const words = wordsPattern([
  'phone',
  'phones',
  'telephone',
  'tel',
  'mobile',
  'cell',
  'cellphone',
  'call',
  'called',
  'calling',
  'dial',
  'fax',
  'ring',
  'text me',
  'text',
  'sms',
  'whatsapp',
  'hotline',
  'reach',
  'contact',
  'landline',
  'voicemail',
  'telefon',
  'handy',
  'mobil',
  'rufnummer',
  'anrufen',
  'téléphone',
  'portable',
  'appeler',
  'teléfono',
  'móvil',
  'celular',
  'llamar',
  'telefono',
  'cellulare',
  'chiamare',
  'telefone',
  'telemóvel',
  'ligue',
  'telefoon',
  'bellen',
  'komórka',
  'puhelin',
  '电话',
  '手机',
  '電話',
  '전화',
]);

/** Words that announce an id and are words of sentences too. */
const everydayWords = [
  'sin',
  'pan',
  'fin',
  'run',
  'nas',
  'tin',
  'rut',
  'cf',
  'foreigner',
  'identity number',
  'id number',
];

const others = wordsPattern([
  ...otherNumberWords,
  ...nationalIds.flatMap((id) => id.words.filter((word) => !everydayWords.includes(word))),
  'iban',
  'account no',
  'account number',
  'kontonummer',
]);

/** Digits in one piece are a telephone number if words say so, or if they begin as dialled within the region. */
const inOnePiece = 0.3;
const inOnePieceWithTrunkPrefix = 0.5;
const withTrunkPrefix = 0.65;
const withOwnGrouping = 0.7;
const withOtherGrouping = 0.4;
const international = 0.9;

/** What a part of a longer row of digits loses: `0269 4272 4153` of an account's number. */
const fallOfPart = 0.25;

/**
 * Finds telephone numbers: international ones (`+44 …`) of every country, national ones of the given regions. A cheap
 * pattern finds candidates; libphonenumber-js says whether the number is in the region's plan.
 */
export function findPhones(
  text: string,
  plans: readonly NumberingPlan[],
  leastConfidence: number,
  found: Finding[],
): void {
  for (const match of text.matchAll(candidate)) {
    const groups = groupsOf(match[0]);
    for (let first = 0; first < groups.length; first++) {
      // Two numbers may stand side by side, so the longest part that is a number is taken, and then the rest is read.
      for (let last = groups.length - 1; last >= first; last--) {
        const start = match.index + groups[first]!.start;
        const end = match.index + groups[last]!.end;
        const isPart = first > 0 || last < groups.length - 1;
        const finding = judge(text, start, end, plans, leastConfidence + (isPart ? fallOfPart : 0));
        if (!finding) continue;
        found.push(isPart ? { ...finding, confidence: finding.confidence - fallOfPart } : finding);
        first = last;
        break;
      }
    }
  }
}

interface Group {
  readonly start: number;
  readonly end: number;
}

/** The parts of a candidate between its spaces; what has more than twelve is a table of figures. */
function groupsOf(candidate: string): Group[] {
  const groups: Group[] = [];
  for (const part of candidate.matchAll(/[^ \u00a0\u2009]+/g)) {
    groups.push({ start: part.index, end: part.index + part[0].length });
  }
  return groups.length > 12 ? [] : groups;
}

function judge(
  text: string,
  from: number,
  end: number,
  plans: readonly NumberingPlan[],
  leastConfidence: number,
): Finding | undefined {
  // A parenthesis that does not close among the digits belongs to the sentence.
  const start = text[from] === '(' && !text.slice(from, end).includes(')') ? from + 1 : from;
  const written = text.slice(start, end);
  const digits = written.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15 || date.test(written) || decimal.test(written)) return undefined;
  if (/^\(?(?:\+|00)/.test(written)) {
    const number = parsePhoneNumberFromString(`+${digits.replace(/^00/, '')}`);
    if (!number?.isValid()) return undefined;
    const detail = number.country ?? `+${number.countryCallingCode}`;
    const base = /^\(?\+/.test(written) ? international : withTrunkPrefix;
    return { kind: 'PHONE', detail, start, end, confidence: judgedByContext(text, start, end, base, words, others) };
  }
  const isInOnePiece = written.length === digits.length;
  const highest = isInOnePiece ? onePieceBase(digits) : thousands.test(written) ? withOtherGrouping : withOwnGrouping;
  const atMost = judgedByContext(text, start, end, highest, words, others);
  if (atMost < leastConfidence) return undefined;
  let best: { region: string; base: number } | undefined;
  for (const plan of plans) {
    if (!isPossible(plan, digits)) continue;
    const number = parsePhoneNumberFromString(digits, { defaultCountry: plan.region, extract: false });
    if (!number?.isValid()) continue;
    const base = isInOnePiece ? onePieceBase(digits) : baseOf(written, number.formatNational(), digits, plan);
    if (!best || base > best.base) best = { region: number.country ?? plan.region, base };
    if (base === withOwnGrouping || isInOnePiece) break;
  }
  if (!best) return undefined;
  const confidence = judgedByContext(text, start, end, best.base, words, others);
  return { kind: 'PHONE', detail: best.region, start, end, confidence };
}

const onePieceBase = (digits: string): number =>
  digits.startsWith('0') && digits.length >= 10 ? inOnePieceWithTrunkPrefix : inOnePiece;

function baseOf(written: string, national: string, digits: string, plan: NumberingPlan): number {
  // A region that writes its numbers with the prefix takes digits without it only where words say so.
  if (plan.trunkPrefix === '0' && national.replace(/\D/g, '').startsWith('0') && !digits.startsWith('0'))
    return inOnePiece;
  if (thousands.test(written)) return withOtherGrouping;
  if (grouping(written) === grouping(national)) return withOwnGrouping;
  if (plan.trunkPrefix === '0' && digits.startsWith('0')) return withTrunkPrefix;
  return written.startsWith('(') ? withTrunkPrefix : withOtherGrouping;
}

/** The lengths of a number's groups: `(415) 555-2671` and `415.555.2671` have the same. */
const grouping = (written: string): string =>
  written
    .replace(/^\(?1[-. ]/, '')
    .split(/\D+/)
    .filter((group) => group !== '')
    .map((group) => group.length)
    .join(' ');
