/**
 * An object of which only some texts differ from index to index: made once, filled in for each index.
 *
 * A template's actions that depend on the index leave a mark in the text; the text is parsed once, and an index costs the
 * marked texts and the objects around them. Everything else is shared by all objects, so that whoever remembers parts by
 * identity (admission, shapes) knows them. Where that is not the same as the long way, there is no pattern.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, parse, parseDocument, visit } from 'yaml';
import { actionText, evaluatePipeline, runTemplate } from '../go-template/evaluate.ts';
import type { GoMap, Operand, Pipeline, TemplateNode } from '../go-template/tree.ts';
import { fieldName, withFieldNames } from './field-names.ts';

const OPEN = '\ue000';
const CLOSE = '\ue001';
const MARK = /\ue000(\d+)\ue001/;
/** What may be put into a text without another look at YAML's rules. */
const SAFE = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const PLAIN_INT = /^(?:0|[1-9]\d{0,14})$/;
const PLAIN_WORD = /^[A-Za-z][A-Za-z0-9._/-]*$/;
const YAML_WORD = /^(?:true|false|null|yes|no|on|off|y|n|inf|nan)$/i;

/** A part of the object that differs: given the texts of the marks, its value. */
type Slot = (texts: readonly string[]) => unknown;

/** The object for one index, or undefined where only the long way gives it. */
export type ObjectPattern = (data: GoMap) => unknown;

/** The pattern of a template; null when its structure, and not only texts, depends on the index. `data` without index. */
export function patternOf(nodes: readonly TemplateNode[], data: GoMap): ObjectPattern | null {
  const marked = markedText(nodes, data);
  if (marked === null) return null;
  const document = parseDocument(marked.text);
  if (document.errors.length > 0 || document.contents === null || hasAlias(document.contents)) return null;
  const slot = slotOf(document.contents, '');
  if (slot === null) return null;
  const { pipelines } = marked;
  return (indexed) => {
    const texts: string[] = [];
    for (const pipeline of pipelines) {
      const text = actionText(evaluatePipeline(pipeline, indexed), pipeline.offset);
      if (!SAFE.test(text)) return undefined;
      texts.push(text);
    }
    return slot(texts);
  };
}

interface MarkedText {
  readonly text: string;
  readonly pipelines: readonly Pipeline[];
}

/** The text with marks instead of what depends on the index; null where a mark does not do. */
function markedText(nodes: readonly TemplateNode[], data: GoMap): MarkedText | null {
  let text = '';
  const pipelines: Pipeline[] = [];
  for (const node of nodes) {
    if (node.kind === 'action' && node.pipeline.variables.length > 0) return null;
    if (node.kind === 'action' && pipelineVaries(node.pipeline)) {
      text += `${OPEN}${pipelines.length}${CLOSE}`;
      pipelines.push(node.pipeline);
    } else if (nodeVaries(node)) return null;
    else text += runTemplate([node], data);
  }
  return { text, pipelines };
}

function nodeVaries(node: TemplateNode): boolean {
  if (node.kind === 'text') return node.text.includes(OPEN);
  if (node.kind === 'action') return pipelineVaries(node.pipeline);
  if (!('body' in node)) return false;
  return pipelineVaries(node.pipeline) || [...node.body, ...node.otherwise].some(nodeVaries);
}

/** Whether a pipeline may give another value for another index. A variable, or the data as a whole, counts as one that may. */
function pipelineVaries(pipeline: Pipeline): boolean {
  return pipeline.commands.some(({ operands }) => operands.some(operandVaries));
}

function operandVaries(operand: Operand): boolean {
  if (operand.kind !== 'chain') return false;
  const { start, fields } = operand;
  if (typeof start !== 'string') return pipelineVaries(start);
  if (start !== '.' && start !== '$') return true;
  return fields.length === 0 || fields[0] === 'Index';
}

function hasAlias(contents: Node): boolean {
  let found = false;
  visit(contents, (_key, node) => {
    if (isAlias(node) || (isScalar(node) && node.anchor !== undefined)) found = true;
    return found ? visit.BREAK : undefined;
  });
  return found;
}

/** What a node of the document gives; null where a mark stands in a place that cannot be filled in. `parent`: its field. */
function slotOf(node: Node, parent: string): Slot | null {
  if (!MARK.test(node.toString())) {
    const value = withFieldNames(node.toJSON() as unknown, parent);
    return () => value;
  }
  if (isMap(node)) return mapSlot(node.items as readonly { key: unknown; value: unknown }[], parent);
  if (isSeq(node)) return listSlot(node.items as readonly Node[], parent);
  if (!isScalar(node) || typeof node.value !== 'string' || (node.tag ?? '') !== '') return null;
  return textSlot(node.value, node.type === 'PLAIN');
}

function mapSlot(items: readonly { key: unknown; value: unknown }[], parent: string): Slot | null {
  const names: (string | Slot)[] = [];
  const slots: Slot[] = [];
  for (const { key, value } of items) {
    if (!isScalar(key) || typeof key.value !== 'string') return null;
    const marked = MARK.test(key.value);
    const name = fieldName(parent, key.value);
    const slot = value === null ? () => null : slotOf(value as Node, name);
    if (slot === null) return null;
    names.push(marked ? textSlot(key.value, false) : name);
    slots.push(slot);
  }
  return (texts) => {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string | Slot;
      object[typeof name === 'string' ? name : String(name(texts))] = (slots[i] as Slot)(texts);
    }
    return object;
  };
}

function listSlot(items: readonly Node[], parent: string): Slot | null {
  const slots: Slot[] = [];
  for (const item of items) {
    const slot = slotOf(item, parent);
    if (slot === null) return null;
    slots.push(slot);
  }
  return (texts) => slots.map((slot) => slot(texts));
}

function textSlot(marked: string, plain: boolean): Slot {
  // Texts and numbers of marks in turn.
  const parts = marked.split(MARK);
  return (texts) => {
    let text = '';
    for (let i = 0; i < parts.length; i++) text += i % 2 === 0 ? parts[i] : texts[Number(parts[i])];
    return plain ? plainValue(text) : text;
  };
}

/** What YAML makes of a plain scalar. */
function plainValue(text: string): unknown {
  if (PLAIN_INT.test(text)) return Number(text);
  if (PLAIN_WORD.test(text) && !YAML_WORD.test(text)) return text;
  return parse(text);
}
