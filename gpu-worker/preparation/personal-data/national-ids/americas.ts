import { digitAt, isMonthAndDay, isOneDigitRepeated, pairAt, passesLuhn, weightedSum } from '../check-digits.js';
import type { NationalId } from './national-id.js';

/** Numbers that advertisements and samples printed; the Social Security Administration lists them as void. */
const printedNumbers = new Set(['078051120', '219099999', '457555462', '123456789', '987654321']);

export const americanIds: readonly NationalId[] = [
  {
    name: 'US SSN',
    shapes: { 'd3-d2-d4': 0.65, 'd3 d2 d4': 0.45, 'd3.d2.d4': 0.4, d9: 0.12 },
    isValid: (compact) =>
      !/^(?:000|666|9)|^...00|0000$/.test(compact) && !printedNumbers.has(compact) && !isOneDigitRepeated(compact),
    words: ['ssn', 'ssns', 'social security', 'social sec', 'soc sec', 'ss#'],
  },
  {
    name: 'US ITIN',
    shapes: { 'd3-d2-d4': 0.65, 'd3 d2 d4': 0.45, d9: 0.12 },
    // Internal Revenue Service: the group is 50–65, 70–88, 90–92 or 94–99.
    isValid: (compact) => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(compact) && !isOneDigitRepeated(compact),
    words: ['itin', 'taxpayer', 'tax id', 'individual taxpayer identification'],
  },
  {
    name: 'CA SIN',
    shapes: { 'd3-d3-d3': 0.45, 'd3 d3 d3': 0.4, d9: 0.15 },
    isValid: (compact) => !/^[08]/.test(compact) && passesLuhn(compact) && !isOneDigitRepeated(compact),
    words: ['sin', 'social insurance', 'assurance sociale', 'nas'],
  },
  {
    name: 'BR CPF',
    shapes: { 'd3.d3.d3-d2': 0.96, 'd9-d2': 0.75, 'd3 d3 d3 d2': 0.6, d11: 0.4 },
    isValid: (compact) => {
      const first = ((weightedSum(compact, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
      const second = ((weightedSum(compact, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
      return first === digitAt(compact, 9) && second === digitAt(compact, 10) && !isOneDigitRepeated(compact);
    },
    words: ['cpf', 'cadastro de pessoas físicas', 'cadastro de pessoas'],
  },
  {
    name: 'MX CURP',
    shapes: { a4d6a6d2: 0.97, a4d6a7d1: 0.97 },
    isValid: (compact) => {
      if (!/^[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d$/.test(compact)) return false;
      if (!isMonthAndDay(pairAt(compact, 6), pairAt(compact, 8))) return false;
      const alphabet = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';
      let sum = 0;
      for (let index = 0; index < 17; index++) sum += alphabet.indexOf(compact[index]!) * (18 - index);
      return (10 - (sum % 10)) % 10 === digitAt(compact, 17);
    },
    words: ['curp', 'clave única', 'clave unica'],
  },
  {
    name: 'CL RUT',
    shapes: { 'd2.d3.d3-d1': 0.85, 'd2.d3.d3-a1': 0.85, 'd8-d1': 0.55, 'd8-a1': 0.55, 'd1.d3.d3-d1': 0.75 },
    isValid: (compact) => {
      const body = compact.slice(0, -1);
      let sum = 0;
      for (let index = 0; index < body.length; index++)
        sum += digitAt(body, body.length - 1 - index) * (2 + (index % 6));
      return '0K987654321'[sum % 11] === compact.at(-1);
    },
    words: ['rut', 'run', 'rol único', 'rol unico'],
  },
];
