/**
 * Which fields a scenario file may have where, read off the schema itself: for "did you mean".
 */
import { scenarioJsonSchema } from './schema.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  /** `#/$defs/NAME`, for what contains itself. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/** Field names of a scenario file allowed at `path`; with `value`, what stands there, only those of its kind. */
export function knownFieldsOf(path: readonly (string | number)[], value?: unknown): string[] {
  return fieldsAt(scenarioJsonSchema(), path, value);
}

/** Field names that a JSON schema allows at `path`; with `value`, what stands there, only those of alternatives whose constants (kind, opcode) it has. */
export function fieldsAt(schema: object, path: readonly (string | number)[], value?: unknown): string[] {
  const { $defs = {} } = schema as SchemaNode;
  const alternatives = (node: SchemaNode): SchemaNode[] => {
    const named = node.$ref === undefined ? undefined : $defs[node.$ref.slice('#/$defs/'.length)];
    const branches = [...(named === undefined ? [] : [named]), ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
    return [node, ...branches.flatMap(alternatives)];
  };
  let nodes: SchemaNode[] = [schema];
  for (const part of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => {
      const next = typeof part === 'number' ? node.items : node.properties?.[part];
      return next === undefined ? [] : [next];
    });
  }
  const fitting = nodes.flatMap(alternatives).filter((node) => value === undefined || hasConstants(value, node));
  return [...new Set(fitting.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function hasConstants(value: unknown, { properties = {} }: SchemaNode): boolean {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(properties).every(([name, node]) => {
    return node.const === undefined || fields[name] === undefined || node.const === fields[name];
  });
}
