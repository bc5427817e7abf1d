import type { Dice, Json } from './dice.ts';

/** The text of a quantity, right or wrong, and another to compare it with. */
export function drawQuantities(dice: Dice): Json {
  return { text: drawQuantity(dice), other: drawQuantity(dice) };
}

const SUFFIXES = [
  ...['', '', '', 'm', 'u', 'n', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'],
  ...['e3', 'E3', 'e-3', 'e+2', 'e0', 'e12', 'e-9', 'e-12', 'e18', 'E-1', 'K', 'mi', 'e', ' ', 'ee', 'e1.5', 'i'],
];

function drawQuantity(dice: Dice): string {
  const digits = (count: number): string =>
    dice.list(count, () => dice.of('0', '0', '1', '2', '4', '5', '8', '9')).join('');
  const sign = dice.of('', '', '', '-', '+');
  const suffix = dice.of(...SUFFIXES);
  // Left out: amounts of 2^63 and more, which are that here.
  const count = sign === '-' ? dice.of(0, 1, 2, 3) : dice.of(0, 1, 2, 3, 5, 9);
  const whole = digits(/^[TPE]|e1[28]/.test(suffix) ? dice.of(0, 1) : count);
  // Left out: large negative amounts, whose numbers overflow in the real code, and those with parts smaller than one, which it rounds up past zero.
  const isWhole = sign === '-' && !/^[munTPE]|e-|e1[28]/.test(suffix);
  if (sign === '-' && !isWhole) return `-${whole}`;
  const fraction = !isWhole && dice.chance(0.4) ? `.${digits(dice.of(0, 1, 2, 3, 6, 9, 10, 12))}` : '';
  return `${sign}${whole}${fraction}${suffix}`;
}

/** The text of a label selector, right or wrong, and labels that it may match. */
export function drawSelector(dice: Dice): Json {
  const text = dice.list(dice.of(0, 1, 1, 1, 2, 2, 3), () => drawRequirement(dice)).join(dice.of(',', ',', ', ', ',,'));
  return { text, labels: [...dice.list(3, () => drawLabels(dice)), {}] };
}

function drawRequirement(dice: Dice): string {
  const space = (): string => dice.of('', '', ' ', '  ', '\t');
  const value = (): string =>
    dice.of('x', 'y', '', '1', '2', '-1', 'in', 'a.b', '-z', 'x y', '"x"', '01', '+3', '9223372036854775808');
  const key = dice.of('a', 'b', 'a.io/b', 'A_b', '-x', 'a/b/c', '', 'in', 'notin', 'x'.repeat(64));
  const spaced = `${space()}${key}${space()}`;
  const forms: readonly (() => string)[] = [
    () => spaced,
    () => `!${spaced}`,
    () => `${spaced}=${space()}${value()}`,
    () => `${spaced}==${value()}`,
    () => `${spaced}!=${space()}${value()}`,
    () => `${spaced} in (${value()}${space()},${space()}${value()})`,
    () => `${spaced} notin (${value()})`,
    () => `${spaced} in ()`,
    () => `${spaced}>${value()}`,
    () => `${spaced}<${value()}`,
    () => `${spaced} notin (${value()},${value()},${value()})`,
    () => `${spaced} in x`,
    () => `${spaced}=(x)`,
    () => `${spaced} in (x`,
    () => `${spaced} in(x,,y)`,
    () => `${spaced}=x=y`,
    () => `!${spaced}=x`,
    () => `${spaced}=>1`,
    () => `!!${spaced}`,
    () => `${spaced}=x y`,
  ];
  return dice.of(...forms, ...forms.slice(0, 11))();
}

function drawLabels(dice: Dice): Json {
  const labels: Json = {};
  for (const key of dice.some(['a', 'b', 'a.io/b', 'in', 'A_b'], 0.5)) {
    labels[key] = dice.of('x', 'y', '', '1', '2', '-1', '01', '1.5', '+3', '5', 'in');
  }
  return labels;
}
