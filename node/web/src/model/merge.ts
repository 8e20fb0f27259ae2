/** Change sets: what takes one JSON object into another, and applies to it again. Source: RFC 7396 (JSON merge patch). */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** The target with the patch in it: members are set, null takes one out, lists are replaced as a whole. */
export function merged(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) {
    return patch;
  }
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) {
      Reflect.deleteProperty(result, name);
    } else {
      result[name] = merged(result[name], value);
    }
  }
  return result;
}

/** The patch that takes `before` into `after`, neither of which holds a null; none where they say the same. */
export function difference(before: JsonObject, after: JsonObject): JsonObject | null {
  const patch: Record<string, Json> = {};
  for (const name of Object.keys(before)) {
    if (!(name in after)) {
      patch[name] = null;
    }
  }
  for (const [name, value] of Object.entries(after)) {
    const was = before[name];
    if (isObject(was) && isObject(value)) {
      const inside = difference(was, value);
      if (inside !== null) {
        patch[name] = inside;
      }
    } else if (!same(was, value)) {
      patch[name] = value;
    }
  }
  return Object.keys(patch).length === 0 ? null : patch;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function same(one: Json | undefined, other: Json): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
