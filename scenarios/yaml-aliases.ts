/** What can be wrong with anchors and aliases of a YAML document: a value that holds itself, and values that multiply. */
import { type Alias, type Document, isAlias, isNode, type Node, visit } from 'yaml';

/** The first alias of each kind. */
export interface AliasFindings {
  /** It stands inside the value that it names. */
  readonly circular: Alias | undefined;
  /** The value that it names has aliases in turn: how few lines become many values. */
  readonly nested: Alias | undefined;
}

/** Looks at the aliases of a document, in its order. */
export function findAliases(document: Document): AliasFindings {
  const anchors = new Map<string, Node>();
  const holders = new Set<unknown>();
  let circular: Alias | undefined;
  let nested: Alias | undefined;
  visit(document, (_key, node, ancestors) => {
    if (isAlias(node)) {
      const named = anchors.get(node.source);
      if (named !== undefined && ancestors.includes(named)) circular ??= node;
      if (holders.has(named)) nested ??= node;
      for (const ancestor of ancestors) holders.add(ancestor);
    } else if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') anchors.set(node.anchor, node);
  });
  return { circular, nested };
}
