/**
 * YAML as kubectl reads it, where that differs from YAML 1.2: words that are booleans, numbers in octal, and maps merged with `<<`.
 *
 * Source: kubernetes-sigs/yaml 1.6, goyaml.v2/resolve.go. Times and numbers to base 60 stay texts there, and so they do here.
 */
import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml';

const BOOLEANS: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:[yY]|[yY]es|YES|[nN]|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)$/,
  resolve: (text) => /^(?:y|on)/i.test(text),
};

const OCTAL: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** Options of the parser for manifests. */
export const KUBECTL_DIALECT: ParseOptions & DocumentOptions & SchemaOptions = {
  merge: true,
  customTags: (tags) => [BOOLEANS, OCTAL, ...tags],
};
