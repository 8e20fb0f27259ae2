/** Measures in words: a box by its two sides, anything else by its length, angle or area. */
import type { Language, Plane, Shape } from "../model/types";
import { measured } from "../tools/measure";

/** A measure as it is written beside a mark; "" where a shape has none. */
export function measureText(shape: Shape, spacing: Plane["spacing_mm"], language: Language): string {
  if (shape.shape === "box") {
    const [left, top] = shape.upper_left;
    const [right, bottom] = shape.lower_right;
    const [across, down] = [measured(line([left, top], [right, top]), spacing), measured(line([left, top], [left, bottom]), spacing)];
    return across === null || down === null ? "" : `${rounded(across.value, language)} × ${rounded(down.value, language)} ${across.unit}`;
  }
  const found = measured(shape, spacing);
  if (found === null) {
    return "";
  }
  const value = rounded(found.value, language);
  return found.unit === "°" ? `${value}°` : `${value} ${found.unit}`;
}

function line(one: [number, number], other: [number, number]): Shape {
  return { shape: "length", ends: [one, other] };
}

function rounded(value: number, language: Language): string {
  const digits = value < 100 ? 1 : 0;
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
}
