/** Where codes of predicates are explained, once a report. */

/** One line about the predicates among `names`, each named once; '' where there is none. */
export function predicatesHint(names: readonly string[]): string {
  const ids = [...new Set(names)].filter((name) => /^[A-Z]+\d+$/.test(name));
  if (ids.length === 0) return '';
  return `what ${ids.join(', ')} ${ids.length === 1 ? 'says' : 'say'}: seatrial list predicates ${ids.join(' ')}\n`;
}
