import { describe, expect, test } from 'vitest';
import { chooseDelimiter } from '../../../gpu-worker/preparation/ingestion/choose-delimiter.js';

const chosen = (lines: readonly string[], header = true) => {
  const { delimiter, sample } = chooseDelimiter(Buffer.from(lines.join('\n')), header, true);
  return [delimiter, ...sample.first.fields];
};

describe('the delimiter is the one with which header and rows agree', () => {
  test.each([
    [
      'a comma in a name and in every row, as decimal comma',
      ['Größe, cm;Farbe', '1,80;rot', '2,05;blau'],
      [';', 'Größe, cm', 'Farbe'],
    ],
    [
      'a comma in a name and in every row, as part of a text',
      ['Name, Vorname;Alter', 'Noether, Emmy;53', 'Weyl, Hermann;70'],
      [';', 'Name, Vorname', 'Alter'],
    ],
    ['decimal commas, and none in the header', ['x;y', '1,5;2,5', '3,5;4,5'], [';', 'x', 'y']],
    ['semicolons in a name', ['text,kind (x;y;z)', 'one,x', 'two,z'], [',', 'text', 'kind (x;y;z)']],
    ['bars in a name', ['text,yes|no|maybe', 'one,yes', 'two,no'], [',', 'text', 'yes|no|maybe']],
    [
      'tabs, with commas in a name and in texts',
      ['text, cleaned\tlabel', 'well, yes\ta', 'no, no\tb'],
      ['\t', 'text, cleaned', 'label'],
    ],
    [
      'bars, with commas in some texts',
      ['text|label', 'one, two|a', 'three|b', 'four, five, six|a'],
      ['|', 'text', 'label'],
    ],
    ['a quoted name with more of another delimiter', ['"a;b;c;d",e', 'x,y', 'z,w'], [',', 'a;b;c;d', 'e']],
    ['a quoted name that does not come first', ['e,"a;b;c;d"', 'x,y', 'z,w'], [',', 'e', 'a;b;c;d']],
    ['quoted values with line ends and other delimiters', ['a,b', '"x;y\nz;w",1', '"p;q",2'], [',', 'a', 'b']],
    ['lists of one length in every row', ['id,text,genres', '1,x,a|b', '2,y,c|d'], [',', 'id', 'text', 'genres']],
    ['some faulty rows', ['a;b', ...Array(20).fill('x, y;1'), 'x', '1;2;3'], [';', 'a', 'b']],
    ['most rows of another length', ['text,label', 'a, b, c, d,1', 'x,y', 'e, f,2'], [',', 'text', 'label']],
  ])('%s', (_, lines, expected) => {
    expect(chosen(lines)).toEqual(expected);
  });
});

describe('a file has one column', () => {
  test.each([
    ['if only its header holds delimiters', ['Well, what, then?', 'nothing', 'all'], ['', ';']],
    ['if its header holds a delimiter, and few rows', ['remarks; notes', 'one', 'two', 'three; four'], [',']],
    ['if its header holds none, and its texts do now and then', ['text', 'no', 'yes, well', 'well, well, well'], [';']],
    ['if its header holds none, and its texts hold all', ['text', 'a, b', 'c; d; e', 'f', 'g | h', 'i\tj'], ['']],
  ])('%s', (_, lines, delimiters) => {
    const [delimiter, ...fields] = chosen(lines);
    expect(fields).toEqual([lines[0]]);
    expect(delimiters).toContain(delimiter);
  });

  test('but not if its header is divided other than between words: then the rows lack columns', () => {
    expect(chosen(['a;b', '1', '2'])).toEqual([';', 'a', 'b']);
  });

  test('but not if all its rows are divided alike: then the header lacks a column', () => {
    expect(chosen(['text', 'a,1', 'b,2'])).toEqual([',', 'text']);
  });
});

describe('without a header', () => {
  test.each([
    ['a comma is preferred', ['Well; yes; no,1'], [',', 'Well; yes; no', '1']],
    ['a comma is preferred where rows differ', ['a,b', 'c', 'd;e'], [',', 'a', 'b']],
    ['another is found where the rows agree on it alone', ['x;1', 'y, z;2', 'w;3'], [';', 'x', '1']],
    ['tabs are found', ['ham\tOk', 'spam\tWin, now, or never'], ['\t', 'ham', 'Ok']],
  ])('%s', (_, lines, expected) => {
    expect(chosen(lines, false)).toEqual(expected);
  });
});
