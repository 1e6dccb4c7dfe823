import {
  digitAt,
  isMonthAndDay,
  isOneDigitRepeated,
  pairAt,
  passesMod11And10,
  remainder,
  weightedSum,
} from '../check-digits.js';
import type { NationalId } from './national-id.js';

const spanishLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** HMRC, NIM39110: prefixes that are not allotted, and letters that no prefix has. */
const ninoPrefix = /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]/;

export const westEuropeanIds: readonly NationalId[] = [
  {
    name: 'GB NINO',
    shapes: { a2d6a1: 0.75, 'a2 d2 d2 d2 a1': 0.85, 'a2 d6 a1': 0.75, 'a2-d2-d2-d2-a1': 0.85 },
    isValid: (compact) => ninoPrefix.test(compact) && /[A-D]$/.test(compact),
    words: ['nino', 'national insurance', 'insurance number', 'ni number', 'ni no'],
  },
  {
    name: 'GB NHS number',
    shapes: { 'd3 d3 d4': 0.3, 'd3-d3-d4': 0.2, d10: 0.15 },
    isValid: (compact) => {
      const check = 11 - (weightedSum(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return check !== 10 && check % 11 === digitAt(compact, 9) && !isOneDigitRepeated(compact);
    },
    words: ['nhs', 'national health service', 'health service number'],
  },
  {
    name: 'IE PPS',
    shapes: { d7a1: 0.5, d7a2: 0.55, 'd7 a1': 0.45 },
    isValid: (compact) => {
      const second = compact.charCodeAt(8);
      // The second letter, where there is one, weighs nine; W, T and X of former times count nothing.
      const extra = Number.isNaN(second) || 'WTX'.includes(compact[8]!) ? 0 : (second - 0x40) * 9;
      const sum = weightedSum(compact, [8, 7, 6, 5, 4, 3, 2]) + extra;
      return 'WABCDEFGHIJKLMNOPQRSTUV'[sum % 23] === compact[7] && /^\d{7}[A-W][A-IWTX]?$/.test(compact);
    },
    words: ['pps', 'ppsn', 'pps no', 'pps number', 'personal public service'],
  },
  {
    name: 'ES DNI',
    shapes: { d8a1: 0.6, 'd8-a1': 0.7, 'd8 a1': 0.5, 'd2.d3.d3-a1': 0.85 },
    isValid: (compact) => spanishLetters[remainder(compact.slice(0, 8), 23)] === compact[8] && !/^0{8}/.test(compact),
    words: ['dni', 'nif', 'documento nacional', 'documento de identidad', 'identity document', 'identidad'],
  },
  {
    name: 'ES NIE',
    shapes: { a1d7a1: 0.75, 'a1-d7-a1': 0.85, 'a1-d7a1': 0.75 },
    isValid: (compact) => {
      const first = 'XYZ'.indexOf(compact[0]!);
      return first >= 0 && spanishLetters[remainder(first + compact.slice(1, 8), 23)] === compact[8];
    },
    words: ['nie', 'número de extranjero', 'identidad de extranjero', 'extranjería', 'foreigner'],
  },
  {
    name: 'FR NIR',
    shapes: {
      d15: 0.8,
      'd13 d2': 0.85,
      'd1 d2 d2 d2 d3 d3 d2': 0.95,
      'd1 d2 d2 d2 d3 d3-d2': 0.95,
      d6a1d8: 0.8,
      'd1 d2 d2 d1a1 d3 d3 d2': 0.95,
    },
    isValid: isFrenchNir,
    words: [
      'nir',
      'sécurité sociale',
      'securite sociale',
      'numéro de sécu',
      'insee',
      'carte vitale',
      'social security',
    ],
  },
  {
    name: 'DE Steuer-ID',
    shapes: { d11: 0.35, 'd2 d3 d3 d3': 0.65 },
    isValid: (compact) => compact[0] !== '0' && passesMod11And10(compact) && repeatsOneDigit(compact.slice(0, 10)),
    words: ['steuer-id', 'steuer id', 'steueridentifikationsnummer', 'steuerliche', 'idnr', 'id-nr', 'tin', 'tax id'],
  },
  {
    name: 'AT Sozialversicherungsnummer',
    shapes: { 'd4 d6': 0.5, 'd4-d6': 0.5, d10: 0.2 },
    isValid: (compact) =>
      compact[0] !== '0' &&
      // A month beyond twelve is given when a day's numbers are used up.
      isMonthAndDay(Math.min(12, pairAt(compact, 6)), pairAt(compact, 4)) &&
      pairAt(compact, 6) <= 15 &&
      (weightedSum(compact, [3, 7, 9]) + weightedSum(compact, [5, 8, 4, 2, 1, 6], 4)) % 11 === digitAt(compact, 3),
    words: ['sozialversicherungsnummer', 'svnr', 'sv-nummer', 'sv nummer', 'versicherungsnummer', 'svn'],
  },
  {
    name: 'CH AHV',
    shapes: { 'd3.d4.d4.d2': 0.95, 'd3 d4 d4 d2': 0.9, d13: 0.6 },
    isValid: (compact) =>
      compact.startsWith('756') &&
      (weightedSum(compact, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) + digitAt(compact, 12)) % 10 === 0,
    words: ['ahv', 'avs', 'ahv-nummer', 'numéro avs', 'sozialversicherung', 'social insurance'],
  },
  {
    name: 'NL BSN',
    shapes: { d9: 0.15, 'd4.d2.d3': 0.5, 'd4 d2 d3': 0.3, 'd3.d3.d3': 0.3, 'd3 d3 d3': 0.25 },
    isValid: (compact) =>
      (weightedSum(compact, [9, 8, 7, 6, 5, 4, 3, 2]) - digitAt(compact, 8)) % 11 === 0 && !isOneDigitRepeated(compact),
    words: ['bsn', 'burgerservicenummer', 'sofinummer', 'sofi', 'citizen service number'],
  },
  {
    name: 'BE NN',
    shapes: { 'd2.d2.d2-d3.d2': 0.95, 'd6-d3-d2': 0.9, 'd6-d3.d2': 0.9, d11: 0.4 },
    isValid: (compact) => {
      const month = pairAt(compact, 2);
      // Months of a BIS number are 20 or 40 ahead; an unknown day or month is 00.
      if (month % 20 > 12 || month >= 60 || pairAt(compact, 4) > 31) return false;
      const check = pairAt(compact, 9);
      const body = compact.slice(0, 9);
      if (97 - remainder(body, 97) === check) return true;
      // Those who were born since 2000 have a 2 before their number when it is checked.
      return pairAt(compact, 0) < 50 && 97 - remainder(`2${body}`, 97) === check;
    },
    words: [
      'rijksregister',
      'rijksregisternummer',
      'registre national',
      'numéro national',
      'niss',
      'insz',
      'nationaal',
    ],
  },
];

function isFrenchNir(compact: string): boolean {
  // Sex, year, month (beyond twelve where it is unknown), department, commune and order, key.
  if (!/^[1278]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)\d[\dAB]\d{8}$/.test(compact) || pairAt(compact, 13) === 0) return false;
  if (/[AB]/.test(compact[6]!) && compact[5] !== '2') return false;
  // Corsica's departments 2A and 2B count as 19 and 18 (INSEE).
  const body = compact.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return 97 - remainder(body, 97) === pairAt(compact, 13);
}

/** Of the ten digits one occurs twice or three times and the others at most once (Bundeszentralamt für Steuern). */
function repeatsOneDigit(digits: string): boolean {
  const counts = new Array<number>(10).fill(0);
  for (let index = 0; index < digits.length; index++) counts[digitAt(digits, index)]!++;
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && repeated[0]! <= 3;
}
