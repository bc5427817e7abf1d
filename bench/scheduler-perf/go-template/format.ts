/**
 * How Go prints values: `%v` as an action does it, and printf's verbs. Source: Go fmt, strconv.FormatFloat.
 */
import { GoFloat, type GoValue } from './tree.ts';

/** A value as `%v` prints it. */
export function printed(value: GoValue): string {
  if (value === null) return '<nil>';
  if (value instanceof GoFloat) return floatText(value.value);
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value as Readonly<Record<string, GoValue>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, item]) => `${key}:${printed(item)}`).join(' ')}]`;
}

/** `%v` of a float64: the shortest text, with an exponent below 10⁻⁴ and from 10⁶ on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e6)) return String(value);
  // Go writes exponents with at least two digits.
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

const VERB = /%([-+ 0#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g;

/** Sprintf. Wrong types and missing arguments are shown in the text, as Go does. */
export function sprintf(format: string, args: readonly GoValue[]): string {
  let next = 0;
  const text = format.replace(VERB, (_whole, flags: string, width = '', precision = '', verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) return `%!${verb}(MISSING)`;
    const shown = verbText(verb, args[next++] as GoValue, precision, flags);
    return padded(shown, Number(width || 0), flags);
  });
  if (next >= args.length) return text;
  const extra = args.slice(next).map((value) => `${typeName(value)}=${printed(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function verbText(verb: string, value: GoValue, precision: string, flags: string): string {
  const wrong = `%!${verb}(${typeName(value)}=${printed(value)})`;
  const plus = flags.includes('+') && Number(value instanceof GoFloat ? value.value : value) >= 0 ? '+' : '';
  switch (verb) {
    case 'v':
      return printed(value);
    case 's':
      if (typeof value !== 'string') return wrong;
      return precision === '' ? value : value.slice(0, Number(precision));
    case 'q':
      return typeof value === 'string' ? JSON.stringify(value) : wrong;
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong;
    case 'd':
      return typeof value === 'number' ? plus + value : wrong;
    case 'x':
    case 'X': {
      if (typeof value !== 'number') return wrong;
      const text = value.toString(16);
      return verb === 'X' ? text.toUpperCase() : text;
    }
    case 'f':
    case 'F':
      return value instanceof GoFloat ? plus + value.value.toFixed(precision === '' ? 6 : Number(precision)) : wrong;
    case 'g':
      return value instanceof GoFloat ? plus + floatText(value.value) : wrong;
    default:
      return wrong;
  }
}

function padded(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

/** A value's type as Go's messages name it. */
export function typeName(value: GoValue): string {
  if (value === null) return '<nil>';
  if (value instanceof GoFloat) return 'float64';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
