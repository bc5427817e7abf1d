/**
 * The standard normal distribution, for samples too large for an exact one and for power figures.
 */

const STEPS_MAX = 200;
/** Beyond it the tail is below 1e-15, which the series cannot tell from 0. */
const TAIL_AT = 8;

/** Φ(z), absolute error about 1e-15: Taylor series of Marsaglia, "Evaluating the Normal Distribution" (2004). */
export function normalCdf(z: number): number {
  if (z <= -TAIL_AT) return 0;
  if (z >= TAIL_AT) return 1;
  let term = z;
  let sum = z;
  for (let i = 3; i < 2 * STEPS_MAX && Math.abs(term) > 1e-17 * Math.abs(sum); i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-0.5 * z * z - 0.9189385332046728);
}

/** Φ⁻¹(p) for 0 < p < 1, by bisection. @throws RangeError outside. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`normal quantile: p is ${p}, expected 0 < p < 1`);
  let low = -TAIL_AT;
  let high = TAIL_AT;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
