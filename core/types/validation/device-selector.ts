/**
 * What an API server says of a device selector when it compiles it. Source: Kubernetes 1.34, dynamic-resource-allocation/cel
 * (compile.go) and pkg/apis/resource/validation validateCELSelector; CEL language definition.
 *
 * Always: only what every CEL compiler refuses is refused. What this project does not understand passes; whoever evaluates it says so.
 */
import { CelError, type CelNode, parseCel } from '../cel-syntax.ts';
import { compilePattern, PatternTooLarge } from '../pattern-match.ts';
import { PatternError } from '../pattern-syntax.ts';

/** CELSelectorExpressionMaxLength of resource.k8s.io/v1. */
export const MAX_SELECTOR_LENGTH = 10_240;

/** What comes out of a part of a selector; null = only known when it runs. */
type Outcome = 'bool' | 'int' | 'double' | 'string' | 'list' | 'null' | null;

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', '&&', '||']);
const OF_CALL: Readonly<Record<string, Outcome>> = {
  has: 'bool',
  size: 'int',
  '.size': 'int',
  isQuantity: 'bool',
  isSemver: 'bool',
  '.startsWith': 'bool',
  '.endsWith': 'bool',
  '.contains': 'bool',
  '.matches': 'bool',
  '.lowerAscii': 'string',
  '.upperAscii': 'string',
  '.hasValue': 'bool',
};

/** Names beside variables: types, and what functions of libraries start with. */
const KNOWN_NAMES: ReadonlySet<string> = new Set(
  'int uint double bool string bytes list map null_type type google optional math sets net strings lists base64'.split(
    ' ',
  ),
);

/** Why a selector does not compile, or null. */
export function selectorRefusal(expression: string): string | null {
  if (expression.length > MAX_SELECTOR_LENGTH) return null;
  try {
    const tree = parseCel(expression);
    const problem = treeRefusal(tree, new Set(['device']));
    if (problem !== null) return `compilation failed: ${problem}`;
    const outcome = outcomeOf(tree);
    if (outcome === null || outcome === 'bool') return null;
    return `must evaluate to bool or the unknown type, not ${outcome}`;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return error.refused ? `compilation failed: ${error.message}` : null;
  }
}

/** What of a selector that an API server takes is not understood here, or null. */
export function selectorNotUnderstood(expression: string): string | null {
  try {
    parseCel(expression);
    return null;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return error.refused ? null : error.message;
  }
}

function outcomeOf(node: CelNode): Outcome {
  switch (node.kind) {
    case 'literal':
      if (node.value === null) return 'null';
      return typeof node.value === 'bigint'
        ? 'int'
        : typeof node.value === 'number'
          ? 'double'
          : typeof node.value === 'boolean'
            ? 'bool'
            : 'string';
    case 'list':
      return 'list';
    case 'field':
      return isDevice(node.of) && node.field === 'driver' && !node.optional ? 'string' : null;
    case 'unary':
      return node.operator === '!' ? 'bool' : null;
    case 'binary':
      if (COMPARISONS.has(node.operator)) return 'bool';
      return outcomeOf(node.left) ?? outcomeOf(node.right);
    case 'choice':
      return outcomeOf(node.yes) ?? outcomeOf(node.no);
    case 'macro':
      return node.name === 'map' || node.name === 'filter' ? 'list' : 'bool';
    case 'call':
      return Object.hasOwn(OF_CALL, node.name) ? (OF_CALL[node.name] as Outcome) : null;
    default:
      return null;
  }
}

function isDevice(node: CelNode): boolean {
  return node.kind === 'name' && node.name === 'device';
}

/** The first name that nobody declared, field that a device does not have, or pattern that is none. */
function treeRefusal(node: CelNode, declared: ReadonlySet<string>): string | null {
  if (node.kind === 'name') {
    const known = declared.has(node.name) || KNOWN_NAMES.has(node.name);
    return known ? null : `undeclared reference to '${node.name}'`;
  }
  if (node.kind === 'call' && node.name === 'cel.bind') return bindRefusal(node.args, declared);
  if (node.kind === 'macro') {
    const inside = new Set([...declared, node.variable]);
    return treeRefusal(node.of, declared) ?? firstRefusal(node.args, inside);
  }
  if (node.kind === 'call' && node.name === '.matches') {
    const [pattern] = node.args;
    if (pattern?.kind === 'literal' && typeof pattern.value === 'string' && isNoPattern(pattern.value)) {
      return `invalid matches argument: ${JSON.stringify(pattern.value)} is no regular expression`;
    }
  }
  return firstRefusal(partsOf(node), declared);
}

function firstRefusal(nodes: readonly CelNode[], declared: ReadonlySet<string>): string | null {
  for (const node of nodes) {
    const problem = treeRefusal(node, declared);
    if (problem !== null) return problem;
  }
  return null;
}

function bindRefusal([name, ...rest]: readonly CelNode[], declared: ReadonlySet<string>): string | null {
  if (name?.kind !== 'name' || rest.length !== 2) return 'cel.bind() wants a name, a value and an expression';
  const [value, body] = rest as [CelNode, CelNode];
  return treeRefusal(value, declared) ?? treeRefusal(body, new Set([...declared, name.name]));
}

function partsOf(node: CelNode): readonly CelNode[] {
  switch (node.kind) {
    case 'field':
    case 'unary':
      return [node.of];
    case 'index':
      return [node.of, node.at];
    case 'call':
      return node.of === null ? node.args : [node.of, ...node.args];
    case 'binary':
      return [node.left, node.right];
    case 'choice':
      return [node.test, node.yes, node.no];
    case 'list':
      return node.items;
    default:
      return [];
  }
}

function isNoPattern(pattern: string): boolean {
  try {
    compilePattern(pattern);
    return false;
  } catch (error) {
    if (error instanceof PatternError || error instanceof PatternTooLarge) return true;
    throw error;
  }
}
