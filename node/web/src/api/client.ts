/** The node's API: one place that sends requests, so that every one carries the CSRF token and every refusal its text. */
import type { Frame } from "../viewer/window";
import { frameFrom } from "../viewer/window";

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly title_ko: string;
}

/** A request the node refused, in both languages. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

let csrf = "";

export function useCsrf(token: string): void {
  csrf = token;
}

export async function get(path: string): Promise<unknown> {
  return answer(await fetch(path, { headers: { Accept: "application/json" } }));
}

export async function send(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<unknown> {
  const headers = { "Content-Type": "application/json", "X-Intramuros-CSRF": csrf };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return answer(await fetch(path, { method, headers, ...content }));
}

/** A frame's stored values. */
export async function frame(path: string): Promise<Frame> {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Refused(await problemOf(response));
  }
  return frameFrom(await response.arrayBuffer(), response.headers);
}

export interface Picture {
  readonly url: string;
  readonly frames: number;
}

/** A picture for this page alone, and of how many frames it is one; the URL is the page's to give back. */
export async function picture(path: string): Promise<Picture> {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Refused(await problemOf(response));
  }
  return { url: URL.createObjectURL(await response.blob()), frames: Number(response.headers.get("X-Frames") ?? "1") };
}

async function answer(response: Response): Promise<unknown> {
  if (!response.ok) {
    throw new Refused(await problemOf(response));
  }
  return response.status === 204 ? null : response.json();
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { status: response.status, code: `http-${response.status}`, title: "", title_ko: "" };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}
