import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, test } from 'vitest';
import { elementNames } from '../../../../gpu-worker/preparation/text/html-elements.js';
import { htmlToText } from '../../../../gpu-worker/preparation/text/html-to-text.js';
import { readHtml } from '../../../../gpu-worker/preparation/text/read-html.js';

describe('htmlToText', () => {
  test.each([
    [
      'paragraphs and breaks',
      '<p>Hello <b>big</b>\n world!</p>\n<p>Second<br>line</p>',
      'Hello big world!\n\nSecond\nline',
    ],
    ['blocks', '<div>a<div>b</div></div>c<section>d</section>', 'a\nb\nc\nd'],
    ['lists whose items do not end', 'see <ul><li>one<li>two</ul>after', 'see\n\none\ntwo\n\nafter'],
    ['cells', '<table><tr><th>a</th><td> b </td></tr><tr><td>c</td><td>d</td></tr></table>', 'a\tb\nc\td'],
    ['links', 'go <a href="https://example.org/?a=1&b=2">there</a>, <i>now</i>', 'go there, now'],
    ['scripts, styles, titles', '<title>T</title><style>p{}</style><p>a</p><script>if (x<b) y("<p>")</script>', 'a'],
    ['comments', 'a<!-- <p>b</p> -->c', 'ac'],
    ['preformatted text', '<p>x</p><pre>  a\n    b</pre>', 'x\n\n  a\n    b'],
    ['character references', '<p>&lt;b&gt; &amp;amp; &eacute;&#233;&#xe9; &euro;</p>', '<b> &amp; ééé €'],
    ['elements of Word and of one’s own', '<p><o:p></o:p>a <my-tag>b</my-tag></p>', 'a b'],
    ['capitals', '<P>a</P><DIV>b<BR/>c</DIV>', 'a\n\nb\nc'],
    ['a stray end', 'text</div> more', 'text more'],
    ['a tag that never closes', '<p>a</p> <b', 'a\n\n<b'],
    ['a tag with attributes that never closes', '<p>a</p> <b c', 'a\n\n<b c'],
    ['a comment that never closes', '<p>a</p> <!-- b > c', 'a\n\n<!-- b > c'],
  ])('%s', (_, html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  test.each([
    'a < b and b > c',
    'a <b and c',
    'x<y && z>w',
    'List<String> names = <unk> <|endoftext|> <name@example.org>',
    'AT&T, R&D; ?a=1&copy=2 &unknown',
    'two  spaces\n\n\tand a tab',
    '<!- no comment, <!-- and none that ends',
    '',
  ])('leaves a text without markup as it is: %j', (text) => {
    expect(htmlToText(text)).toBe(text);
  });

  test('decodes complete references in a text without elements, and keeps its white space', () => {
    expect(htmlToText('5 &times; 3 &lt; 16\n\n  R&amp;D &copy 2020')).toBe('5 × 3 < 16\n\n  R&D &copy 2020');
  });

  test('keeps any text that was escaped, as a whole and as a paragraph', () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab<>&;#p/ é!-"') }), (text) => {
        expect(htmlToText(escaped(text))).toBe(text);
        expect(htmlToText(`<p>${escaped(text)}</p>`)).toBe(text.trim().replace(/ +/g, ' '));
      }),
      { numRuns: 2000, seed: 13 },
    );
  });

  test('loses no letter of a text between tags, known or not', () => {
    const parts = fc.constantFrom(
      '<b>',
      '</b>',
      '<p>',
      '</p>',
      '<br>',
      '<',
      '>',
      '<x',
      '&',
      ' ',
      '<div ',
      '<!--',
      'é',
      '1',
    );
    fc.assert(
      fc.property(fc.array(parts), (some) => {
        const letters = some.join('').match(/é/g)?.length ?? 0;
        const lost = /<div [^>]*é|<!--/.test(some.join(''));
        fc.pre(!lost);
        expect(htmlToText(some.join('')).match(/é/g)?.length ?? 0).toBe(letters);
      }),
      { numRuns: 2000, seed: 13 },
    );
  });

  test('reads hostile and long texts in one pass', () => {
    expect(htmlToText('<b '.repeat(300_000))).toBe('<b '.repeat(300_000));
    expect(htmlToText('<p>x</p>'.repeat(100_000))).toBe(`${'x\n\n'.repeat(99_999)}x`);
    expect(htmlToText('<div>'.repeat(20_000))).toBe('');
    expect(htmlToText(`<pre>a${'\n'.repeat(300_000)}b</pre>`)).toBe(`a${'\n'.repeat(300_000)}b`);
  });

  test('reads elements of any depth, and ends of none, in time linear in the length', () => {
    // A parser that moves its open elements for each tag takes more than a minute for these.
    const [depth, cells] = [100_000, '<table><tr><td>'];
    const before = process.cpuUsage();
    expect(htmlToText(`${cells.repeat(depth)}a`)).toBe('a');
    expect(htmlToText(`a${'<p>'.repeat(depth)}b`)).toBe('a\n\nb');
    expect(htmlToText(`<p>a${'</b>'.repeat(depth)}b`)).toBe('ab');
    expect(htmlToText(`${'<b>'.repeat(depth)}a${'</b></i>'.repeat(depth)}`)).toBe('a');
    expect(htmlToText(`${'<form><b>'.repeat(depth)}a`)).toBe('a');
    expect(htmlToText(`${'<svg><title>a</title>'.repeat(depth)}b`)).toBe('');
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(20);
  });
});

describe('readHtml', () => {
  test('gives the events of htmlparser2’s parser, wherever elements begin and end', () => {
    const names = elementNames.filter((name) => !['script', 'style', 'plaintext'].includes(name));
    // Those on which others depend come more often than chance would have them.
    const special = [
      'p',
      'div',
      'form',
      'svg',
      'math',
      'title',
      'table',
      'tr',
      'td',
      'thead',
      'select',
      'option',
      'br',
    ];
    const name = fc.oneof(fc.constantFrom(...special), fc.constantFrom(...names, 'annotation-xml', 'x-y', 'o:p', 'LI'));
    const part = fc.oneof(
      name.map((each) => `<${each}>`),
      name.map((each) => `</${each}>`),
      name.map((each) => `<${each} a="1 > 0" b=c />`),
      fc.constantFrom('a', ' ', '&eacute;', '&#x1f600;', '<!-- <p> -->', '<![CDATA[c]]>', '<!doctype html>', '<?x?>'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const source = parts.join('');
        const [expected, events]: [string[], string[]] = [[], []];
        new Parser({
          ontext: (text) => expected.push(text),
          onopentagname: (each) => expected.push(`<${each}>`),
          onclosetag: (each) => expected.push(`</${each}>`),
        }).end(source);
        readHtml(source, {
          text: (text) => events.push(text),
          open: (each) => events.push(`<${each}>`),
          close: (each) => events.push(`</${each}>`),
        });
        expect(events).toEqual(expected);
      }),
      { numRuns: 3000, seed: 17 },
    );
  });
});
