import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from '../../../src/conversations/chat-template.js';

const settings = {
  specialTokens: { bos_token: '<s>', eos_token: '</s>' },
  now: new Date('2026-03-07T13:05:09Z'),
};
const turns = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi' },
] as const;
const written = (source: string) => compileChatTemplate(source, settings).render(turns, false).text;
const failing = (code: string, what: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(what) });

describe('a chat template', () => {
  it('knows the variables that transformers gives', () => {
    expect(written('{{ bos_token }}{{ eos_token }}{{ pad_token }}{{ tools is none }}{{ add_generation_prompt }}')).toBe(
      '<s></s>truefalse',
    );
    expect(written("{{ strftime_now('%d %b %Y, %A %I:%M %p, %H:%M:%S, %B %y %a %m %%') }}")).toBe(
      '07 Mar 2026, Saturday 01:05 PM, 13:05:09, March 26 Sat 03 %',
    );
    expect(written('{% for i in range(2, 8, 3) %}{{ i }}{% endfor %}{{ range(3) | length }}')).toBe('253');
  });

  it('says with its own words that it refuses a conversation', () => {
    expect(() => written("{{ raise_exception('Only tools, please.') }}")).toThrow(
      failing('TEMPLATE_REFUSED', 'Only tools, please.'),
    );
  });

  it('finds the stretches that it marks, with white space dealt with as transformers does', () => {
    const source = `{% for message in messages %}
<{{ message.role }}>
  {%- if message.role == 'assistant' %}
    {% generation %}
 {{ message.content }}!
    {%- endgeneration -%}
  {% endif %}
</>
{% endfor %}
`;
    const { text, generated } = compileChatTemplate(source, settings).render(turns, false);
    expect(text).toBe('<user></>\n<assistant> Hi!</>\n');
    expect(generated!.map(([start, end]) => text.slice(start, end))).toEqual([' Hi!']);
  });

  it('has no marks where a filter is at work on them', () => {
    const source = '{% filter upper %}{% generation %} a {% endgeneration %}{% endfilter %}';
    expect(compileChatTemplate(source, settings).render(turns, false)).toEqual({ text: ' A ', generated: [[0, 3]] });
    const measured = '{% set answer %}{% generation %}{{ "a" }}{% endgeneration %}{% endset %}{{ answer | length }}';
    expect(compileChatTemplate(measured, settings).render(turns, false)).toEqual({ text: '1', generated: null });
  });

  it.each([
    ['{% if %}', 'can not be read'],
    ['{{ "never closed', 'can not be read'],
    [`${' '.repeat(1025)}{{ 1 }}`, '1,024 characters of white space'],
    [`{# ${'x'.repeat(2 ** 17)} #}`, 'the limit is 131072'],
    ["{{ 'a' | replace(*['a', 'b']) }}", 'unpacks arguments'],
    [`{{ ${'['.repeat(50_000)} }}`, 'can not be read'],
  ])('is refused when it is none: %.30s', (source, what) => {
    expect(() => compileChatTemplate(source, settings)).toThrow(failing('INVALID_TEMPLATE', what));
  });

  const [loop, endloop] = ['{% for i in range(10000) %}', '{% endfor %}'];
  const doubled = (what: string) => `{% set ns = namespace(a=${what}) %}${loop}{% set ns.a = ns.a + ns.a %}${endloop}`;
  it.each([
    ['loops for long', `${loop}${loop}{{ 1 }}${endloop}${endloop}`, 'steps'],
    [
      'searches unknown names',
      `${loop}{{ unknown }}{{ unknown }}{{ unknown }}{{ unknown }}{{ unknown }}${loop}${endloop}`.concat(endloop),
      'steps',
    ],
    ['makes a long list', '{{ range(1000000000000) }}', 'more than 16384 numbers'],
    ['counts down without end', '{{ range(0, -1000000000000, -1) }}', 'more than 16384 numbers'],
    ['steps by nothing', '{{ range(0, 10, 0) }}', 'a step other than 0'],
    ['doubles a text', doubled("'abcd'"), 'text of more than'],
    ['doubles a list', doubled('[1]'), 'list of more than'],
    [
      'puts a list twice into a list',
      `{% set ns = namespace(a=[1]) %}${loop}{% set ns.a = [ns.a, ns.a] %}${endloop}{{ ns.a | tojson }}`,
      'a list of more than',
    ],
    [
      'puts lists into lists',
      `{% set ns = namespace(a=[]) %}${loop}{% set ns.a = [ns.a] %}${endloop}{{ ns.a | tojson }}`,
      'levels deep',
    ],
    [
      'puts a namespace into itself',
      '{% set ns = namespace() %}{% set ns.a = ns %}{{ ns | tojson }}',
      'a namespace into another',
    ],
    [
      'puts namespaces into namespaces',
      '{% set a = namespace(x=1) %}{% set b = namespace(x=a, y=a) %}{{ b | tojson }}',
      'a namespace into another',
    ],
    ['replaces by a long text', `{{ 'aaaa' | replace('a', '${'x'.repeat(65)}') }}`, 'repeats a text'],
    ['replaces by a method', `{{ 'aaaa'.replace('a', '${'x'.repeat(65)}') }}`, 'repeats a text'],
    [
      'replaces by a method under another name',
      `{% set f = 'aaaa'['re' + 'place'] %}{{ f('a', '${'x'.repeat(65)}') }}`,
      'repeats a text',
    ],
    ['joins by a long text', `{{ [1, 2] | join(separator='${'x'.repeat(65)}') }}`, 'repeats a text'],
    ['indents far', "{{ 'a\\nb' | indent(width=1000000) }}", 'indents by more than'],
    ['writes JSON far apart', '{{ [1, [2]] | tojson(indent=1000) }}', 'indents by more than'],
    ['filters a block', `{% filter replace('a', '${'x'.repeat(65)}') %}aaaa{% endfilter %}`, 'repeats a text'],
    ['calls itself without end', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'nested more than'],
    [
      'defines a long macro again and again',
      `${loop}{% macro f() %}${'{{ 1 }}'.repeat(5000)}{% endmacro %}${endloop}`,
      'steps',
    ],
    [
      'searches long texts',
      `{% set ns = namespace(a='${'a'.repeat(1000)}') %}{% for i in range(10) %}{% set ns.a = ns.a + ns.a %}{% endfor %}${loop}{{ 'b' in ns.a }}${endloop}`,
      'steps',
    ],
    ['uses what there is not', '{{ messages | unheard_of }}', 'unheard_of'],
  ])('fails, and does not hang, when it %s', (_, source, what) => {
    expect(() => written(source)).toThrow(failing('TEMPLATE_FAILED', what));
  });

  it.each([
    ['replaces characters by a method', "ns.a.replace('a', '')"],
    ['replaces characters by a method whose name is computed', "ns.a['re' + 'place']('a', '')"],
    ['replaces characters by a filter', "ns.a | replace('a', '')"],
    ['splits', "ns.a.split('b')"],
    ['writes titles', 'ns.a.title()'],
    ['writes titles by a filter', 'ns.a | title'],
  ])('takes as many steps as the characters it goes through allow, when it %s', (_, expression) => {
    const text = "{% set ns = namespace(a='a') %}{% for i in range(17) %}{% set ns.a = ns.a + ns.a %}{% endfor %}";
    const once = compileChatTemplate(`${text}{% set b = (${expression}) | length %}`, settings);
    once.render(turns, false);
    const without = compileChatTemplate(text, settings);
    without.render(turns, false);
    expect(once.stepsTaken - without.stepsTaken).toBeGreaterThan(2 ** 17 / 16);
  });

  it('counts a text that is too long, which it made nevertheless', () => {
    const doubled =
      "{% set ns = namespace(a='aaaa') %}{% for i in range(30) %}{% set ns.a = ns.a.replace('a', 'aa') %}{% endfor %}";
    const template = compileChatTemplate(doubled, { ...settings, totalSteps: 2_000_000 });
    expect(() => template.render(turns, false)).toThrow(failing('TEMPLATE_FAILED', 'characters'));
    expect(template.stepsTaken).toBeGreaterThan(200_000);
  });

  it('breaks off in words of templates', () => {
    expect(() => written('{% for m in messages %}')).toThrow(failing('INVALID_TEMPLATE', 'it breaks off'));
  });

  it('may have a limit of all its renderings together', () => {
    const source = `${loop}{{ 1 }}${endloop}`.replace('10000', '1000');
    const template = compileChatTemplate(source, { ...settings, totalSteps: 50_000 });
    expect(template.render(turns, false).text).toBe('1'.repeat(1000));
    expect(template.render(turns, false).text).toBe('1'.repeat(1000));
    // It is not the conversation that is wrong.
    expect(() => template.render(turns, false)).toThrow(failing('NOT_TRIED', 'ask for fewer'));
    expect(() => template.render(turns, false)).toThrow(failing('NOT_TRIED', 'ask for fewer'));
  });

  it('has no limit that a long conversation reaches', () => {
    const source = `{% for message in messages %}{% if loop.index0 > 0 and messages[loop.index0 - 1].role == message.role %}
{{ raise_exception('twice') }}{% endif %}{{ '<|' + message['role'] + '|>' + (message.content | trim) + eos_token }}{% endfor %}`;
    const many = Array.from({ length: 2000 }, (_, index) => ({
      role: turns[index % 2]!.role,
      content: ' text '.repeat(80),
    }));
    const one = (role: string) => `<|${role}|>${' text '.repeat(80).trim()}</s>`;
    expect(compileChatTemplate(source, settings).render(many, false).text).toBe(
      (one('user') + one('assistant')).repeat(1000),
    );
  });
});
