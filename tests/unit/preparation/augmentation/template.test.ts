import { describe, expect, test } from 'vitest';
import {
  columnsOf,
  fillTemplate,
  parseTemplate,
  type Template,
} from '../../../../gpu-worker/preparation/augmentation/template.js';

function fill(template: string, values: Record<string, string | null>): string | null {
  return fillTemplate(parseTemplate(template) as Template, (column) => values[column] ?? null);
}

describe('a template', () => {
  test('has slots for columns and braces that are written twice', () => {
    expect(fill('Please {text}', { text: 'Help' })).toBe('Please Help');
    expect(fill('{{{a}}} is {b c}', { a: '1', 'b c': '2' })).toBe('{1} is 2');
    expect(columnsOf(parseTemplate('{b} {a:small} {b}') as Template)).toEqual(['b', 'a']);
  });

  test('puts a value in with a small first letter, but no name or abbreviation', () => {
    const please = (text: string) => fill('Please {text:small}', { text });
    expect(please('Open it')).toBe('Please open it');
    expect(please('NASA called')).toBe('Please NASA called');
    expect(please('I paid')).toBe('Please I paid');
    expect(please('Éva')).toBe('Please éva');
  });

  test('is not filled where a value is missing, or all are blank', () => {
    expect(fill('{a} and {b}', { a: 'x', b: null })).toBeNull();
    expect(fill('{a} and {b}', { a: ' ', b: '' })).toBeNull();
    expect(fill('{a} and {b}', { a: 'x', b: '' })).toBe('x and ');
  });

  test.each([
    ['Please', 0],
    ['{{text}}', 0],
    ['a {text', 2],
    ['a } b {c}', 2],
    ['{}', 0],
    ['a {:small}', 2],
  ])('%s is refused, and the fault has its place', (template, at) => {
    expect(parseTemplate(template)).toMatchObject({ at, message: expect.stringMatching(/.{10}/) });
  });
});
