/**
 * Which fields a scenario file may have where, read off the schema itself: for "did you mean".
 */
import { scenarioJsonSchema } from './schema.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  /** `#/$defs/NAME`, for what contains itself. */
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

/** Field names of a scenario file allowed at `path`. */
export function knownFieldsOf(path: readonly (string | number)[]): string[] {
  return fieldsAt(scenarioJsonSchema(), path);
}

/** Field names that a JSON schema allows at `path`. */
export function fieldsAt(schema: object, path: readonly (string | number)[]): string[] {
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
  return [...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {})))];
}
