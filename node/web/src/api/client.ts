/** The node's API: one place that sends requests, so that every one carries the CSRF token and every refusal its text. */
import type { DraftSaved } from "../model/types";
import type { Reply } from "../state/outgoing";
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

let signedOut: () => void = () => undefined;

/** What happens when the node no longer knows the session. */
export function whenSignedOut(act: () => void): void {
  signedOut = act;
}

export async function get(path: string): Promise<unknown> {
  return answer(await fetch(path, { headers: { Accept: "application/json" } }));
}

export async function send(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<unknown> {
  const headers = { "Content-Type": "application/json", "X-Intramuros-CSRF": csrf, ...more };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return answer(await fetch(path, { method, headers, ...content }));
}

const STROKE_MS = 20_000;

/** A change set over a version, and what became of it; one whose answer was lost may be sent again. */
export async function stroke(path: string, over: number, body: unknown): Promise<Reply> {
  const headers = { "Content-Type": "application/json", "X-Intramuros-CSRF": csrf, "If-Match": `"${over}"` };
  const signal = AbortSignal.timeout(STROKE_MS);
  try {
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    if (response.ok) {
      return { kind: "saved", version: ((await response.json()) as DraftSaved).version };
    }
    return await hindrance(response);
  } catch {
    return { kind: "unreachable" };
  }
}

async function hindrance(response: Response): Promise<Reply> {
  switch (response.status) {
    case 401:
      signedOut();
      return { kind: "signed-out" };
    case 412:
      return { kind: "conflict" };
    case 429:
      return { kind: "unreachable" };
    default:
      return response.status >= 500 ? { kind: "unreachable" } : { kind: "refused", reason: new Refused(await problemOf(response)) };
  }
}

/** A frame's stored values. */
export async function frame(path: string): Promise<Frame> {
  const response = await fetch(path);
  if (!response.ok) {
    throw await refusal(response);
  }
  return frameFrom(await response.arrayBuffer(), response.headers);
}

/** The node's own picture of a frame. */
export async function preview(path: string): Promise<Blob> {
  const response = await fetch(path);
  if (!response.ok) {
    throw await refusal(response);
  }
  return response.blob();
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
    throw await refusal(response);
  }
  return response.status === 204 ? null : response.json();
}

async function refusal(response: Response): Promise<Refused> {
  if (response.status === 401) {
    signedOut();
  }
  return new Refused(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { status: response.status, code: `http-${response.status}`, title: "", title_ko: "" };
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}
