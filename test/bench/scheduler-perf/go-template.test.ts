/**
 * Templates against what Go prints: the expected texts are those of text/template (Go 1.26) for the same sources and data.
 */
import { describe, expect, test } from 'vitest';
import { GoTemplate } from '../../../bench/scheduler-perf/go-template/template.ts';
import { GoFloat, type GoMap, TemplateError } from '../../../bench/scheduler-perf/go-template/tree.ts';

const DATA: GoMap = {
  Index: 7,
  big: new GoFloat(5000),
  million: new GoFloat(1e6),
  small: new GoFloat(0.25),
  tiny: new GoFloat(1e-5),
  mode: 'y',
  list: ['p', 'q'],
  obj: { a: new GoFloat(1), b: 't' },
};

const AS_GO: readonly (readonly [string, string])[] = [
  ['{{.Index}}', '7'],
  ['a-{{ Mod .Index 3 }}-z', 'a-1-z'],
  ['{{DivideInt .Index 10}}', '0'],
  ['{{ div 30000 .Index }} {{mod .Index 4}} {{div -7 2}} {{mod -7 2}}', '4285 3 -3 -1'],
  ['{{.big}} {{.million}} {{.small}} {{.tiny}}', '5000 1e+06 0.25 1e-05'],
  ['{{if eq .mode "x"}}1{{else if .Index}}2{{else}}3{{end}}', '2'],
  ['{{range $i, $e := .list}}{{$i}}={{$e}};{{end}}', '0=p;1=q;'],
  ['{{range .list}}{{.}},{{else}}none{{end}}', 'p,q,'],
  ['a {{- .Index -}} b', 'a7b'],
  ['{{/* c */}}x{{- /* d */ -}} y', 'xy'],
  ['{{printf "%05d|%-4s|%q|%.2f|%v" .Index "ab" "q" .big .list}}', '00007|ab  |"q"|5000.00|[p q]'],
  ['{{with .obj}}{{.a}}{{end}}', '1'],
  ['{{$x := AddInt .Index 2}}{{$x}}', '9'],
  ['{{len .list}} {{index .list 1}} {{index .obj "a"}}', '2 q 1'],
  ['{{not .Index}} {{and 1 0}} {{or 0 "z"}} {{lt 1 2}}', 'false 0 z true'],
  ['{{.Index | printf "%d-%d" 7}}', '7-7'],
  ['{{print 1 2 "a" "b" 3}}', '1 2ab3'],
  ['{{.obj}}', 'map[a:1 b:t]'],
  ['{{true}} {{eq .Index 3 7}}', 'true true'],
  ['{{range 3}}{{.}}{{end}}', '012'],
  ['{{range $i, $e := .list}}{{if eq $i 1}}{{continue}}{{end}}{{$e}}{{end}}', 'p'],
  ['{{DivideFloat 1 3}} {{DivideFloat 6 3}}', '0.3333333333333333 2'],
  ['{{eq .million 1.0}}', 'false'],
  ['{{(index .list 0)}}', 'p'],
  ['{{if .missing}}y{{end}}n', 'n'],
  ['{{$.Index}}', '7'],
  ['{{"a\\tb"}}{{`raw`}}', 'a\tbraw'],
  ["{{'a'}}", '97'],
  ['{{1_000}}{{0x1F}}{{-5}}{{1.5e3}}', '100031-51500'],
  ['{{println 1 "a"}}', '1 a\n'],
  ['{{range $k, $v := .obj}}{{$k}}:{{$v}} {{end}}', 'a:1 b:t '],
  ['{{printf "%d" .big}}', '%!d(float64=5000)'],
  ['{{printf "%s" 3}}', '%!s(int=3)'],
  ['{{printf "%d %d" 1}}', '1 %!d(MISSING)'],
  ['{{printf "%d" 1 2}}', '1%!(EXTRA int=2)'],
];

describe('templates', () => {
  test.each(AS_GO)('%s gives what Go prints', (source, text) => {
    expect(new GoTemplate('t.yaml', source).render(DATA)).toBe(text);
  });

  test('functions of scheduler_perf', () => {
    const source =
      '{{AddInt 1 2 3.9}} {{SubtractInt 1 3}} {{MultiplyInt 2 2.5}} {{AddFloat 1 0.5}} {{SubtractFloat 1 3}} {{MultiplyFloat 2 2.5}} {{Int .million}} {{JSON .obj}} {{JSON .list}}';
    expect(new GoTemplate('t.yaml', source).render(DATA)).toBe('6 -2 5 1.5 -2 5 1000000 {"a":1,"b":"t"} ["p","q"]');
  });
});

/** Source, place as line:column, words of the message. */
const BROKEN: readonly (readonly [string, string, string])[] = [
  ['a: {{ .Index', '1:4', 'not closed'],
  ['a: 1\nb: {{ nope 1 }}', '2:7', '"nope" is not defined'],
  ['a: {{ if .Index }}x', '1:4', 'no {{end}}'],
  ['a: 1\n{{ end }}', '2:1', 'unexpected {{end}}'],
  ['{{ else }}', '1:1', 'unexpected {{else}}'],
  ['{{ $x }}', '1:4', 'undefined variable $x'],
  ['{{if true}}{{$y := 1}}{{end}}{{$y}}', '1:32', 'undefined variable $y'],
  ['{{ "abc }}', '1:4', 'not closed'],
  ['{{ .Index 3 }}', '1:4', 'only a function'],
  ['{{ (AddInt 1 2 }}', '1:4', 'parenthesis'],
  ['{{ template "x" }}', '1:1', 'one file is one template'],
  ['{{ break }}', '1:1', 'outside {{range}}'],
  ['{{ }}', '1:4', 'a value is missing'],
  ['{{/* never', '1:1', 'comment is not closed'],
  ['{{ .Index | 3 }}', '1:13', 'only a function'],
  ['{{ # }}', '1:4', 'unexpected "#"'],
  ['{{if true}}'.repeat(200), '1:1101', 'nested too deeply'],
  ['x{{ .missing }}', '1:5', 'no value to print'],
  ['{{ .Index.Deep }}', '1:4', 'int has no field Deep'],
  ['{{ DivideInt 1 0 }}', '1:4', 'division by zero'],
  ['{{ Mod 1 0 }}', '1:4', 'division by zero'],
  ['{{ div 1 0 }}', '1:4', 'division by zero'],
  ['{{ mod .big 2 }}', '1:4', 'expected int, found float64'],
  ['{{ AddInt "x" }}', '1:4', 'cannot calculate with string "x"'],
  ['{{ Mod 1 }}', '1:4', 'Mod takes 2 arguments, not 1'],
  ['{{ eq 1 "a" }}', '1:4', 'incompatible types'],
  ['{{ index .list 5 }}', '1:4', 'out of range'],
  ['{{ range 99999999 }}{{end}}', '1:10', 'at most'],
  ['{{range 9999}}{{range 9999}}{{if 0}}{{end}}{{end}}{{end}}', '1:29', 'more than 2000000 steps'],
  ['{{range 99999}}{{printf "%0200d" 1}}{{end}}', '1:16', 'longer than'],
  ['{{ Int "3.5" }}', '1:4', 'cannot make an int'],
];

describe('broken templates', () => {
  test.each(BROKEN)('%.40s fails at %s', (source, place, message) => {
    const error = failureOf(source);
    const { line, column } = error.place;
    expect(`${line}:${column}`).toBe(place);
    expect(error.message).toContain(message);
  });
});

function failureOf(source: string): { message: string; place: { line?: number; column?: number } } {
  try {
    new GoTemplate('t.yaml', source).render(DATA);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const before = source.slice(0, error.offset).split('\n');
    return { message: error.message, place: { line: before.length, column: (before.at(-1) ?? '').length + 1 } };
  }
  throw new Error(`no error: ${source}`);
}
