import {
  digitAt,
  isMonthAndDay,
  isOneDigitRepeated,
  pairAt,
  passesLuhn,
  passesVerhoeff,
  weightedSum,
} from '../check-digits.js';
import type { NationalId } from './national-id.js';

export const asianPacificAndAfricanIds: readonly NationalId[] = [
  {
    name: 'IN Aadhaar',
    shapes: { 'd4 d4 d4': 0.6, 'd4-d4-d4': 0.6, d12: 0.3 },
    isValid: (compact) =>
      /^[2-9]/.test(compact) && passesVerhoeff(compact) && compact !== [...compact].reverse().join(''),
    words: ['aadhaar', 'aadhar', 'uidai', 'uid', 'आधार'],
  },
  {
    // The fourth letter says what the holder is: P is a person. The last letter's rule is not published.
    name: 'IN PAN',
    shapes: { a5d4a1: 0.6 },
    isValid: (compact) => /^[A-Z]{3}P[A-Z]\d{4}[A-Z]$/.test(compact) && !compact.slice(5, 9).startsWith('0000'),
    words: ['pan', 'pan card', 'permanent account', 'income tax'],
  },
  {
    name: 'AU TFN',
    shapes: { 'd3 d3 d3': 0.4, 'd3-d3-d3': 0.35, d9: 0.15 },
    isValid: (compact) => weightedSum(compact, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 && !isOneDigitRepeated(compact),
    words: ['tfn', 'tax file', 'tax file number'],
  },
  {
    name: 'AU Medicare',
    shapes: { 'd4 d5 d1': 0.65, 'd4-d5-d1': 0.6, d10: 0.15 },
    isValid: (compact) =>
      /^[2-6]/.test(compact) && weightedSum(compact, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(compact, 8),
    words: ['medicare'],
  },
  {
    name: 'CN resident identity number',
    shapes: { d17a1: 0.97, d18: 0.85 },
    isValid: (compact) => {
      if (!/^[1-9]\d{5}(?:18|19|20)\d{9}[\dX]$/.test(compact)) return false;
      if (!isMonthAndDay(pairAt(compact, 10), pairAt(compact, 12))) return false;
      const sum = weightedSum(compact, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
      return '10X98765432'[sum % 11] === compact[17];
    },
    words: ['身份证', '身份证号', '身分證', '公民身份号码', 'resident identity', 'shenfenzheng'],
  },
  {
    // Numbers given since October 2020 have random digits after the sex, so the check digit proves nothing any more.
    name: 'KR RRN',
    shapes: { 'd6-d7': 0.75, d13: 0.25 },
    isValid: (compact) => isMonthAndDay(pairAt(compact, 2), pairAt(compact, 4)) && /^.{6}[1-8]/.test(compact),
    words: ['rrn', '주민등록번호', '주민번호', 'resident registration'],
  },
  {
    name: 'SG NRIC/FIN',
    shapes: { a1d7a1: 0.8 },
    isValid: (compact) => {
      const kind = 'STFGM'.indexOf(compact[0]!);
      if (kind < 0) return false;
      const offset = [0, 4, 0, 4, 3][kind]!;
      const rest = (weightedSum(compact, [2, 7, 6, 5, 4, 3, 2], 1) + offset) % 11;
      const letters = kind < 2 ? 'JZIHGFEDCBA' : kind < 4 ? 'XWUTRQPNMLK' : 'KLJNPQRTUWX';
      return letters[kind === 4 ? 10 - rest : rest] === compact[8];
    },
    words: ['nric', 'fin', 'singapore id'],
  },
  {
    name: 'ZA ID',
    shapes: { d13: 0.55, 'd6 d4 d3': 0.8, 'd6 d4 d2 d1': 0.8 },
    isValid: (compact) =>
      isMonthAndDay(pairAt(compact, 2), pairAt(compact, 4)) && /^.{10}[012]/.test(compact) && passesLuhn(compact),
    words: ['south african id', 'rsa id', 'id number', 'identity number', 'id no'],
  },
  {
    name: 'TH national id',
    shapes: { 'd1-d4-d5-d2-d1': 0.9, 'd1 d4 d5 d2 d1': 0.9, d13: 0.25 },
    isValid: (compact) =>
      (11 - (weightedSum(compact, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digitAt(compact, 12) &&
      /^[1-8]/.test(compact),
    words: ['เลขประจำตัวประชาชน', 'บัตรประชาชน', 'thai id'],
  },
  {
    name: 'HK identity card',
    shapes: { a1d6a1: 0.3, a1d7: 0.25 },
    isValid: (compact) => {
      const sum = 36 * 9 + (compact.charCodeAt(0) - 55) * 8 + weightedSum(compact, [7, 6, 5, 4, 3, 2], 1);
      return '0A987654321'[sum % 11] === compact[7];
    },
    words: ['hkid', 'hong kong id', 'hong kong identity', '香港身份證'],
  },
];
