/**
 * Which fields a scenario file may have where, read off the schema itself: for "did you mean".
 */
import { scenarioJsonSchema } from './schema.ts';

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Field names allowed at `path`. */
export function knownFieldsOf(path: readonly (string | number)[]): string[] {
  let nodes: SchemaNode[] = [scenarioJsonSchema() as SchemaNode];
  for (const part of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => {
      const next = typeof part === 'number' ? node.items : node.properties?.[part];
      return next === undefined ? [] : [next];
    });
  }
  return [...new Set(nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {})))];
}

function alternatives(node: SchemaNode): SchemaNode[] {
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return branches.length === 0 ? [node] : [node, ...branches.flatMap(alternatives)];
}
