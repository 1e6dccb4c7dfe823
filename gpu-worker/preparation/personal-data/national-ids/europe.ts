import {
  digitAt,
  isMonthAndDay,
  isOneDigitRepeated,
  pairAt,
  passesLuhn,
  remainder,
  weightedSum,
} from '../check-digits.js';
import { isItalianCode } from './codice-fiscale.js';
import type { NationalId } from './national-id.js';

const dayFirst = (compact: string): boolean => isMonthAndDay(pairAt(compact, 2), pairAt(compact, 0));

export const northSouthAndEastEuropeanIds: readonly NationalId[] = [
  {
    name: 'IT codice fiscale',
    shapes: { a6d2a1d2a1d3a1: 0.97, 'a3 a3 d2a1d2 a1d3a1': 0.97, 'a6 d2a1d2 a1d3a1': 0.97 },
    isValid: isItalianCode,
    words: ['codice fiscale', 'c.f.', 'cf', 'fiscale', 'tax code'],
  },
  {
    name: 'PT NIF',
    shapes: { d9: 0.15, 'd3 d3 d3': 0.35 },
    isValid: (compact) => {
      const check = 11 - (weightedSum(compact, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return /^[12356789]/.test(compact) && (check > 9 ? 0 : check) === digitAt(compact, 8);
    },
    words: ['nif', 'contribuinte', 'número de contribuinte', 'identificação fiscal', 'numero fiscal', 'número fiscal'],
  },
  {
    name: 'PL PESEL',
    shapes: { d11: 0.4 },
    isValid: (compact) =>
      // Centuries are 20 months apart.
      isMonthAndDay(pairAt(compact, 2) % 20, pairAt(compact, 4)) &&
      (weightedSum(compact, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) + digitAt(compact, 10)) % 10 === 0,
    words: ['pesel', 'numer ewidencyjny', 'powszechny elektroniczny'],
  },
  {
    name: 'SE personnummer',
    shapes: { 'd6-d4': 0.75, 'd6+d4': 0.75, 'd8-d4': 0.85, 'd8+d4': 0.85, d10: 0.2, d12: 0.55 },
    isValid: (compact) => {
      const short = compact.slice(-10);
      if (compact.length === 12 && !/^(?:18|19|20)/.test(compact)) return false;
      const day = pairAt(short, 4);
      // A coordination number's day is 60 ahead.
      return isMonthAndDay(pairAt(short, 2), day > 60 ? day - 60 : day) && passesLuhn(short);
    },
    words: ['personnummer', 'person nr', 'personnr', 'samordningsnummer', 'swedish id', 'personal identity number'],
  },
  {
    name: 'FI henkilötunnus',
    shapes: { 'd6-d3a1': 0.9, 'd6-d4': 0.6, d6a1d3a1: 0.85, d6a1d4: 0.8, 'd6+d3a1': 0.9, 'd6+d4': 0.6 },
    isValid: (compact) => {
      const hasCentury = compact.length === 11;
      if (hasCentury && !'YXWVUABCDEF'.includes(compact[6]!)) return false;
      const person = compact.slice(hasCentury ? 7 : 6, -1);
      const rest = remainder(compact.slice(0, 6) + person, 31);
      // Numbers from 900 on are temporary ones, and 000 and 001 are not given.
      return dayFirst(compact) && person >= '002' && '0123456789ABCDEFHJKLMNPRSTUVWXY'[rest] === compact.at(-1);
    },
    words: ['henkilötunnus', 'hetu', 'henkilötunnukseni', 'personbeteckning', 'sotu', 'personal identity code'],
  },
  {
    name: 'NO fødselsnummer',
    shapes: { d11: 0.5, 'd6 d5': 0.75 },
    isValid: (compact) => {
      const first = (11 - (weightedSum(compact, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
      const second = (11 - (weightedSum(compact, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
      const day = pairAt(compact, 0);
      return (
        // A D number's day is 40 ahead.
        isMonthAndDay(pairAt(compact, 2), day > 40 ? day - 40 : day) &&
        first === digitAt(compact, 9) &&
        second === digitAt(compact, 10)
      );
    },
    words: ['fødselsnummer', 'fodselsnummer', 'personnummer', 'fnr', 'd-nummer', 'birth number'],
  },
  {
    // No check digit since 2007, when the numbers of some days ran out: only the date can be wrong.
    name: 'DK CPR',
    shapes: { 'd6-d4': 0.3, d10: 0.1 },
    isValid: (compact) => dayFirst(compact) && !compact.endsWith('0000'),
    words: ['cpr', 'cpr-nummer', 'cpr nr', 'cpr-nr', 'personnummer', 'civil registration'],
  },
  {
    name: 'TR TCKN',
    shapes: { d11: 0.4 },
    isValid: (compact) => {
      const odd = weightedSum(compact, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
      const even = weightedSum(compact, [0, 1, 0, 1, 0, 1, 0, 1]);
      const ten = (((odd * 7 - even) % 10) + 10) % 10;
      return compact[0] !== '0' && ten === digitAt(compact, 9) && (odd + even + ten) % 10 === digitAt(compact, 10);
    },
    words: ['tckn', 'tc kimlik', 't.c. kimlik', 'kimlik', 'kimlik no'],
  },
  {
    name: 'CZ/SK rodné číslo',
    shapes: { 'd6/d4': 0.85, d10: 0.2 },
    isValid: (compact) => {
      // Women's months are 50 ahead, and 20 more are added when a day's numbers are used up.
      const month = pairAt(compact, 2) % 50;
      return isMonthAndDay(month > 20 ? month - 20 : month, pairAt(compact, 4)) && isCzechCheck(compact);
    },
    words: ['rodné číslo', 'rodne cislo', 'rč', 'birth number'],
  },
];

function isCzechCheck(compact: string): boolean {
  if (isOneDigitRepeated(compact)) return false;
  const rest = remainder(compact.slice(0, 9), 11);
  // A rest of ten was written as 0 until 1985, and ten digits are given since 1954.
  if (rest === 10) return digitAt(compact, 9) === 0 && pairAt(compact, 0) >= 54 && pairAt(compact, 0) < 85;
  return rest === digitAt(compact, 9);
}
