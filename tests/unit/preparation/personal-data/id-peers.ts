import { stdnum, type Validator } from 'stdnum';
import { below, birthday, digits, letters, pick, type Random } from './draw.js';

export interface IdPeer {
  /** stdnum's rule of the id. */
  readonly peer: Validator;
  /** An id without its check digit, or without its two. */
  readonly body: (random: Random) => string;
  readonly checkDigits: 1 | 2;
  /** Whether the last character is a letter. */
  readonly endsWithLetter?: true;
  /** How people write it: `d` is the next character. */
  readonly forms: readonly string[];
  /** What a sentence calls it. */
  readonly called: string;
}

const date = (random: Random, order: 'yymmdd' | 'ddmmyy') => {
  const { yy, mm, dd } = birthday(random);
  return order === 'yymmdd' ? yy + mm + dd : dd + mm + yy;
};

/** All dates are of 1954 to 1999, since stdnum takes one after today for wrong. */
export const idPeers: Readonly<Record<string, IdPeer>> = {
  'US SSN': {
    peer: stdnum.US!.ssn!,
    body: (random) => digits(random, 8),
    checkDigits: 1,
    forms: ['ddd-dd-dddd', 'ddddddddd'],
    called: 'SSN',
  },
  'CA SIN': {
    peer: stdnum.CA!.sin!,
    body: (random) => pick<string>(random, '1234567') + digits(random, 7),
    checkDigits: 1,
    forms: ['ddd-ddd-ddd', 'ddd ddd ddd', 'ddddddddd'],
    called: 'social insurance number',
  },
  'BR CPF': {
    peer: stdnum.BR!.cpf!,
    body: (random) => digits(random, 9),
    checkDigits: 2,
    forms: ['ddd.ddd.ddd-dd', 'ddddddddddd'],
    called: 'CPF',
  },
  'MX CURP': {
    peer: stdnum.MX!.curp!,
    body: (random) => `GODE${date(random, 'yymmdd')}${pick<string>(random, 'HM')}DFRRN0`,
    checkDigits: 1,
    forms: ['dddddddddddddddddd'],
    called: 'CURP',
  },
  'CL RUT': {
    peer: stdnum.CL!.rut!,
    body: (random) => `1${digits(random, 7)}`,
    checkDigits: 1,
    forms: ['dd.ddd.ddd-d', 'dddddddd-d'],
    called: 'RUT',
  },
  'GB NINO': {
    peer: stdnum.GB!.nino!,
    body: (random) => letters(random, 2) + digits(random, 6),
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['ddddddddd', 'dd dd dd dd d'],
    called: 'National Insurance number',
  },
  'IE PPS': {
    peer: stdnum.IE!.pps!,
    body: (random) => digits(random, 7),
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['dddddddd'],
    called: 'PPS number',
  },
  'ES DNI': {
    peer: stdnum.ES!.dni!,
    body: (random) => digits(random, 8),
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['ddddddddd', 'dddddddd-d'],
    called: 'DNI',
  },
  'ES NIE': {
    peer: stdnum.ES!.nie!,
    body: (random) => pick<string>(random, 'XYZ') + digits(random, 7),
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['ddddddddd', 'd-ddddddd-d'],
    called: 'NIE',
  },
  'FR NIR': {
    peer: stdnum.FR!.nir!,
    body: (random) => {
      const department = pick<string>(random, ['75', '13', '2A', '2B', '69']);
      return `${pick<string>(random, '12')}${digits(random, 2)}0${1 + below(random, 9)}${department}${digits(random, 6)}`;
    },
    checkDigits: 2,
    forms: ['d dd dd dd ddd ddd dd', 'ddddddddddddddd'],
    called: 'numéro de sécurité sociale',
  },
  'DE Steuer-ID': {
    peer: stdnum.DE!.idnr!,
    // The digits in some order with one in the place of another: one occurs twice, as the rule asks.
    body: (random) => {
      const all = [...'0123456789'];
      for (let index = 9; index > 0; index--) {
        const other = below(random, index + 1);
        [all[index], all[other]] = [all[other]!, all[index]!];
      }
      all[9] = all[below(random, 8)]!;
      return all.join('');
    },
    checkDigits: 1,
    forms: ['dd ddd ddd ddd', 'ddddddddddd'],
    called: 'Steuer-ID',
  },
  'AT Sozialversicherungsnummer': {
    peer: stdnum.AT!.vnr!,
    // A number does not begin with 0, which stdnum allows.
    body: (random) => `${1 + below(random, 9)}${digits(random, 3)}${date(random, 'ddmmyy').slice(0, 5)}`,
    checkDigits: 1,
    forms: ['dddd dddddd', 'dddddddddd'],
    called: 'Sozialversicherungsnummer',
  },
  'CH AHV': {
    peer: stdnum.CH!.ssn!,
    body: (random) => `756${digits(random, 9)}`,
    checkDigits: 1,
    forms: ['ddd.dddd.dddd.dd', 'ddddddddddddd'],
    called: 'AHV-Nummer',
  },
  'NL BSN': {
    peer: stdnum.NL!.bsn!,
    body: (random) => digits(random, 8),
    checkDigits: 1,
    forms: ['ddddddddd', 'dddd.dd.ddd'],
    called: 'BSN',
  },
  'BE NN': {
    peer: stdnum.BE!.nn!,
    body: (random) => date(random, 'yymmdd') + digits(random, 3),
    checkDigits: 2,
    forms: ['dd.dd.dd-ddd.dd', 'ddddddddddd'],
    called: 'rijksregisternummer',
  },
  'IT codice fiscale': {
    peer: stdnum.IT!.codicefiscale!,
    body: (random) => {
      const month = pick<string>(random, 'ABCDEHLMPRST');
      return `RSSMRA${digits(random, 2)}${month}${10 + below(random, 18)}H${digits(random, 3)}`;
    },
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['dddddddddddddddd'],
    called: 'codice fiscale',
  },
  'PT NIF': {
    peer: stdnum.PT!.nif!,
    body: (random) => pick<string>(random, '12356') + digits(random, 7),
    checkDigits: 1,
    forms: ['ddddddddd', 'ddd ddd ddd'],
    called: 'número de contribuinte',
  },
  'PL PESEL': {
    peer: stdnum.PL!.pesel!,
    body: (random) => date(random, 'yymmdd') + digits(random, 4),
    checkDigits: 1,
    forms: ['ddddddddddd'],
    called: 'PESEL',
  },
  'SE personnummer': {
    peer: stdnum.SE!.personnummer!,
    body: (random) => `${date(random, 'yymmdd')}-${digits(random, 3)}`,
    checkDigits: 1,
    forms: ['ddddddddddd', 'dddddddddd'],
    called: 'personnummer',
  },
  'FI henkilötunnus': {
    peer: stdnum.FI!.hetu!,
    body: (random) => `${date(random, 'ddmmyy')}-${200 + below(random, 600)}`,
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['ddddddddddd'],
    called: 'henkilötunnus',
  },
  'NO fødselsnummer': {
    peer: stdnum.NO!.fodselsnummer!,
    body: (random) => `${date(random, 'ddmmyy')}${String(below(random, 500)).padStart(3, '0')}`,
    checkDigits: 2,
    forms: ['ddddddddddd', 'dddddd ddddd'],
    called: 'fødselsnummer',
  },
  'TR TCKN': {
    peer: stdnum.TR!.tckimlik!,
    body: (random) => digits(random, 9),
    checkDigits: 2,
    forms: ['ddddddddddd'],
    called: 'TC Kimlik No',
  },
  'CZ/SK rodné číslo': {
    peer: stdnum.CZ!.rc!,
    body: (random) => date(random, 'yymmdd') + digits(random, 3),
    checkDigits: 1,
    forms: ['dddddd/dddd'],
    called: 'rodné číslo',
  },
  'IN Aadhaar': {
    peer: stdnum.IN!.aadhaar!,
    body: (random) => digits(random, 11),
    checkDigits: 1,
    forms: ['dddd dddd dddd', 'dddddddddddd'],
    called: 'Aadhaar number',
  },
  'AU TFN': {
    peer: stdnum.AU!.tfn!,
    body: (random) => digits(random, 8),
    checkDigits: 1,
    forms: ['ddd ddd ddd', 'ddddddddd'],
    called: 'tax file number',
  },
  'CN resident identity number': {
    peer: stdnum.CN!.ric!,
    body: (random) => `11010519${date(random, 'yymmdd')}${digits(random, 3)}`,
    checkDigits: 1,
    endsWithLetter: true,
    forms: ['dddddddddddddddddd'],
    called: '身份证号',
  },
  'ZA ID': {
    peer: stdnum.ZA!.idnr!,
    body: (random) => `${date(random, 'yymmdd')}${digits(random, 4)}08`,
    checkDigits: 1,
    forms: ['ddddddddddddd', 'dddddd dddd ddd'],
    called: 'South African ID number',
  },
  'TH national id': {
    peer: stdnum.TH!.idnr!,
    body: (random) => pick<string>(random, '12345678') + digits(random, 11),
    checkDigits: 1,
    forms: ['d-dddd-ddddd-dd-d', 'ddddddddddddd'],
    called: 'Thai ID',
  },
};

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** All check digits and letters that could follow a body. */
export const endings = ({ checkDigits, endsWithLetter }: IdPeer): readonly string[] =>
  checkDigits === 2
    ? Array.from({ length: 100 }, (_, end) => String(end).padStart(2, '0'))
    : [...alphabet.slice(0, endsWithLetter ? 36 : 10)];

/** An id that stdnum accepts, or that only its check digits keep it from accepting; in one of the id's forms. */
export function drawId(random: Random, id: IdPeer, isRight: boolean): string {
  for (;;) {
    const body = id.body(random);
    const valid = endings(id).filter((end) => id.peer.validate(body + end).isValid);
    // A wrong ending has the right one's form: a letter for a letter.
    const isLike = (end: string) => /[A-Z]/.test(end) === /[A-Z]/.test(valid[0]!);
    const fitting = isRight
      ? valid
      : endings(id).filter((end) => valid.length > 0 && !valid.includes(end) && isLike(end));
    if (valid.length === 0 || fitting.length === 0) continue;
    const written = body + pick<string>(random, fitting);
    const form = pick<string>(random, id.forms);
    // A body that has its own separator is written as it is, or without it where the form is shorter.
    const compact = form.replace(/[^d]/g, '').length < written.length ? written.replace('-', '') : written;
    let index = 0;
    return form.replace(/d/g, () => compact[index++]!);
  }
}
